/**
 * clients: TcpClient, TcpListener, UdpClient and NetworkStream, which save a program the usual
 * steps around a socket.
 *
 * They use the public interface of the socket and of name resolution only, so whatever one of them
 * does, a program can do as well. Of the rooms below they know, beside memory and locks, two small
 * things: how a misuse is remembered as this thread's last error, and how an operation that cannot
 * even start is completed. This room must never know what a descriptor or a native code is.
 */
#ifndef CLIENTS_CLIENTS_H
#define CLIENTS_CLIENTS_H

#include <sennit/open.h>
#include <sennit/stream.h>
#include <sennit/tcp.h>
#include <sennit/udp.h>

#endif
