/**
 * Sennit: .NET's Socket class for C programs.
 *
 * One socket object with blocking and asynchronous calls, safe from many threads, over every
 * protocol the system offers. This header brings in the whole interface, but for <sennit/dotnet.h>,
 * the members of .NET's classes that mean nothing on Linux; each of the headers also stands alone.
 *
 * How a function tells what it found:
 * - What can fail returns an sn_error, and its results stand last (`out_...`), written on success
 *   only unless its comment says otherwise. A truth that is a property one can set is got in this
 *   way too, as sn_socket_get_no_delay().
 * - What cannot fail returns its value, `_get_...`, or a truth that reads as one, `_is_...`,
 *   `_can_...`, `_equals`; what it asks is const. For NULL it gives what stands for nothing.
 *   sn_socket_get_handle() alone is not const: it changes what the socket may do later.
 * - A record that can grow is written where the caller says, with the size that the caller knows,
 *   as by sn_metrics_get().
 */
#ifndef SENNIT_H
#define SENNIT_H

#include <sennit/address.h>
#include <sennit/batch.h>
#include <sennit/connect.h>
#include <sennit/datagram.h>
#include <sennit/dns.h>
#include <sennit/endpoint.h>
#include <sennit/engine.h>
#include <sennit/error.h>
#include <sennit/fiber.h>
#include <sennit/fiber_group.h>
#include <sennit/fiber_look.h>
#include <sennit/handles.h>
#include <sennit/interface.h>
#include <sennit/interrupt.h>
#include <sennit/message.h>
#include <sennit/metrics.h>
#include <sennit/open.h>
#include <sennit/operation.h>
#include <sennit/option.h>
#include <sennit/packets.h>
#include <sennit/reader.h>
#include <sennit/receive.h>
#include <sennit/relay.h>
#include <sennit/report.h>
#include <sennit/resolver.h>
#include <sennit/signal.h>
#include <sennit/socket.h>
#include <sennit/stream.h>
#include <sennit/sync.h>
#include <sennit/tcp.h>
#include <sennit/transfer.h>
#include <sennit/types.h>
#include <sennit/udp.h>

#endif
