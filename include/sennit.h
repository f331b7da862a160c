/**
 * Sennit: .NET's Socket class for C programs.
 *
 * One socket object with blocking and asynchronous calls, safe from many threads, over every
 * protocol the system offers. This header brings in the whole interface, but for <sennit/dotnet.h>,
 * the members of .NET's classes that mean nothing on Linux; each of the headers also stands alone.
 */
#ifndef SENNIT_H
#define SENNIT_H

#include <sennit/address.h>
#include <sennit/connect.h>
#include <sennit/dns.h>
#include <sennit/endpoint.h>
#include <sennit/engine.h>
#include <sennit/error.h>
#include <sennit/metrics.h>
#include <sennit/operation.h>
#include <sennit/option.h>
#include <sennit/packets.h>
#include <sennit/socket.h>
#include <sennit/stream.h>
#include <sennit/tcp.h>
#include <sennit/transfer.h>
#include <sennit/types.h>
#include <sennit/udp.h>

#endif
