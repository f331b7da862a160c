/**
 * Socket options: the general calls, .NET's names and numbers, and a getter and a setter for each
 * property of the class.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_OPTION_H
#define SENNIT_OPTION_H

#include <sennit/address.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @dotnet SocketOptionLevel */
#define SN_OPTION_LEVEL_TABLE(X)                                                                   \
    X(IP, 0, "IP")                                                                                 \
    X(TCP, 6, "Tcp")                                                                               \
    X(UDP, 17, "Udp")                                                                              \
    X(IPV6, 41, "IPv6")                                                                            \
    X(SOCKET, 65535, "Socket")

/** The layer that an option belongs to. */
typedef enum sn_option_level {
#define X(id, number, name) SN_LEVEL_##id = number,
    SN_OPTION_LEVEL_TABLE(X)
#undef X
} sn_option_level;

/**
 * Names of options. The same number means something else on another level, so a name is always used
 * together with its level, which the comment gives. @dotnet SocketOptionName
 */
#define SN_OPTION_NAME_TABLE(X)                                                                    \
    X(DONT_LINGER, -129, "DontLinger")                  /* SOCKET; not on Linux */                 \
    X(EXCLUSIVE_ADDRESS_USE, -5, "ExclusiveAddressUse") /* SOCKET; the inverse of REUSE_ADDRESS */ \
    X(DEBUG, 1, "Debug")                                /* SOCKET */                               \
    X(IP_OPTIONS, 1, "IPOptions")                       /* IP; bytes */                            \
    X(NO_CHECKSUM, 1, "NoChecksum")                     /* UDP; not on Linux */                    \
    X(NO_DELAY, 1, "NoDelay")                           /* TCP */                                  \
    X(ACCEPT_CONNECTION, 2, "AcceptConnection")         /* SOCKET; read only */                    \
    X(BSD_URGENT, 2, "BsdUrgent")                       /* TCP; not on Linux */                    \
    X(EXPEDITED, 2, "Expedited")                        /* TCP; not on Linux */                    \
    X(HEADER_INCLUDED, 2, "HeaderIncluded")             /* IP; raw sockets */                      \
    X(TCP_KEEP_ALIVE_TIME, 3, "TcpKeepAliveTime")       /* TCP; seconds */                         \
    X(TYPE_OF_SERVICE, 3, "TypeOfService")              /* IP */                                   \
    X(IP_TIME_TO_LIVE, 4, "IpTimeToLive")               /* IP, IPV6 */                             \
    X(REUSE_ADDRESS, 4, "ReuseAddress")                 /* SOCKET; address and port sharing */     \
    X(KEEP_ALIVE, 8, "KeepAlive")                       /* SOCKET */                               \
    X(MULTICAST_INTERFACE, 9, "MulticastInterface")     /* IP, IPV6 */                             \
    X(MULTICAST_TIME_TO_LIVE, 10, "MulticastTimeToLive")  /* IP, IPV6 */                           \
    X(MULTICAST_LOOPBACK, 11, "MulticastLoopback")        /* IP, IPV6 */                           \
    X(ADD_MEMBERSHIP, 12, "AddMembership")                /* IP, IPV6; the multicast calls */      \
    X(DROP_MEMBERSHIP, 13, "DropMembership")              /* IP, IPV6; the multicast calls */      \
    X(DONT_FRAGMENT, 14, "DontFragment")                  /* IP */                                 \
    X(ADD_SOURCE_MEMBERSHIP, 15, "AddSourceMembership")   /* IP; bytes */                          \
    X(FAST_OPEN, 15, "FastOpen")                          /* TCP */                                \
    X(DONT_ROUTE, 16, "DontRoute")                        /* SOCKET */                             \
    X(DROP_SOURCE_MEMBERSHIP, 16, "DropSourceMembership") /* IP; bytes */                          \
    X(TCP_KEEP_ALIVE_RETRY_COUNT, 16, "TcpKeepAliveRetryCount") /* TCP */                          \
    X(BLOCK_SOURCE, 17, "BlockSource")                          /* IP; bytes */                    \
    X(TCP_KEEP_ALIVE_INTERVAL, 17, "TcpKeepAliveInterval")      /* TCP; seconds */                 \
    X(UNBLOCK_SOURCE, 18, "UnblockSource")                      /* IP; bytes */                    \
    X(PACKET_INFORMATION, 19, "PacketInformation")              /* IP, IPV6 */                     \
    X(CHECKSUM_COVERAGE, 20, "ChecksumCoverage")                /* UDP; not on Linux */            \
    X(HOP_LIMIT, 21, "HopLimit")                                /* IPV6 */                         \
    X(IP_PROTECTION_LEVEL, 23, "IPProtectionLevel")             /* IP, IPV6; not on Linux */       \
    X(IPV6_ONLY, 27, "IPv6Only")                                /* IPV6 */                         \
    X(BROADCAST, 32, "Broadcast")                               /* SOCKET */                       \
    X(USE_LOOPBACK, 64, "UseLoopback")                          /* SOCKET; not on Linux */         \
    X(LINGER, 128, "Linger")                                    /* SOCKET; the linger calls */     \
    X(OUT_OF_BAND_INLINE, 256, "OutOfBandInline")               /* SOCKET */                       \
    X(SEND_BUFFER, 4097, "SendBuffer")                          /* SOCKET; bytes of room */        \
    X(RECEIVE_BUFFER, 4098, "ReceiveBuffer")                    /* SOCKET; bytes of room */        \
    X(SEND_LOW_WATER, 4099, "SendLowWater")                     /* SOCKET */                       \
    X(RECEIVE_LOW_WATER, 4100, "ReceiveLowWater")               /* SOCKET */                       \
    X(SEND_TIMEOUT, 4101, "SendTimeout")                        /* SOCKET; ms */                   \
    X(RECEIVE_TIMEOUT, 4102, "ReceiveTimeout")                  /* SOCKET; ms */                   \
    X(ERROR, 4103, "Error")                                /* SOCKET; an sn_error; read clears */  \
    X(TYPE, 4104, "Type")                                  /* SOCKET; an sn_socket_type */         \
    X(REUSE_UNICAST_PORT, 12295, "ReuseUnicastPort")       /* SOCKET; not on Linux */              \
    X(UPDATE_ACCEPT_CONTEXT, 28683, "UpdateAcceptContext") /* SOCKET; not on Linux */              \
    X(UPDATE_CONNECT_CONTEXT, 28688, "UpdateConnectContext") /* SOCKET; not on Linux */            \
    X(MAX_CONNECTIONS, 2147483647, "MaxConnections")         /* SOCKET; not on Linux */

/** Which option of a level. */
typedef enum sn_option_name {
#define X(id, number, name) SN_OPTION_##id = number,
    SN_OPTION_NAME_TABLE(X)
#undef X
} sn_option_name;

/** What a close does with data that has not been sent. @dotnet LingerOption */
typedef struct sn_linger_option {
    bool enabled; /* LingerOption.Enabled */
    int seconds;  /* LingerOption.LingerTime, 0 to 65535 */
} sn_linger_option;

/**
 * Whether both say the same.
 *
 * @param a  borrowed
 * @param b  borrowed
 * @return   false if either is NULL
 * @dotnet   LingerOption.Equals(object)
 */
SN_API bool sn_linger_option_equals(const sn_linger_option *a, const sn_linger_option *b);

/**
 * A number for hash tables: equal values have equal ones.
 *
 * @param option  borrowed; NULL gives 0
 * @dotnet        LingerOption.GetHashCode()
 */
SN_API uint32_t sn_linger_option_hash(const sn_linger_option *option);

/** An IPv4 multicast group, and the interface to join it on. @dotnet MulticastOption */
typedef struct sn_multicast_option {
    sn_ip_address group;         /* IPv4 */
    sn_ip_address local_address; /* of the interface; all zero: use the index */
    int interface_index;         /* 0 to 0x00FFFFFF; 0: the system chooses */
} sn_multicast_option;

/** An IPv6 multicast group, and the interface to join it on. @dotnet IPv6MulticastOption */
typedef struct sn_ipv6_multicast_option {
    sn_ip_address group;     /* IPv6 */
    int64_t interface_index; /* 0 to 0xFFFFFFFF; 0: the system chooses */
} sn_ipv6_multicast_option;

/**
 * Sets an option whose value is a number or a truth.
 *
 * @param socket  borrowed
 * @param level   the layer, such as SN_LEVEL_TCP
 * @param name    such as SN_OPTION_NO_DELAY
 * @param value   the number; 0 or 1 for a truth; timeouts in ms, buffers in bytes
 *
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  this pair of level and name does not exist here
 * @error   SN_ERROR_PROTOCOL_OPTION          the kernel does not know the option, or only reads it
 * @error   SN_ERROR_INVALID_ARGUMENT         the kernel refuses the value
 * @error   SN_ERROR_OBJECT_DISPOSED          the socket is closed
 * @dotnet  Socket.SetSocketOption(SocketOptionLevel, SocketOptionName, int),
 * Socket.SetSocketOption(SocketOptionLevel, SocketOptionName, bool)
 */
SN_MUST_USE SN_API sn_error sn_socket_set_option(sn_socket *socket, sn_option_level level,
                                                 sn_option_name name, int value);

/**
 * Sets an option from bytes in the kernel's own layout.
 *
 * The timeouts in this form are the kernel's struct timeval and change the descriptor only, which
 * Sennit's own time limits do not use.
 *
 * @param socket  borrowed
 * @param level   the layer
 * @param name    the option
 * @param data    borrowed for the call, `size` bytes; NULL gives SN_ERROR_FAULT, as .NET does
 * @param size    bytes
 *
 * @error   as sn_socket_set_option()
 * @dotnet  Socket.SetSocketOption(SocketOptionLevel, SocketOptionName, byte[])
 */
SN_MUST_USE SN_API sn_error sn_socket_set_option_bytes(sn_socket *socket, sn_option_level level,
                                                       sn_option_name name, const void *data,
                                                       size_t size);

/**
 * Reads an option whose value is a number or a truth.
 *
 * SN_OPTION_ERROR gives an sn_error and clears it; SN_OPTION_TYPE gives an sn_socket_type.
 *
 * @param socket     borrowed
 * @param level      the layer
 * @param name       the option
 * @param out_value  written on success
 *
 * @error   as sn_socket_set_option(); SN_ERROR_ARGUMENT_NULL for a NULL output
 * @dotnet  Socket.GetSocketOption(SocketOptionLevel, SocketOptionName)
 */
SN_MUST_USE SN_API sn_error sn_socket_get_option(sn_socket *socket, sn_option_level level,
                                                 sn_option_name name, int *out_value);

/**
 * Reads an option as bytes in the kernel's own layout. Too little room is no error: the kernel
 * cuts.
 *
 * @param socket    borrowed
 * @param level     the layer
 * @param name      the option
 * @param data      caller-provided, `size` bytes; may be NULL with size 0
 * @param size      bytes of room
 * @param out_size  bytes written; may be NULL
 *
 * @error   as sn_socket_set_option()
 * @dotnet  Socket.GetSocketOption(SocketOptionLevel, SocketOptionName, byte[]),
 * Socket.GetSocketOption(SocketOptionLevel, SocketOptionName, int)
 */
SN_MUST_USE SN_API sn_error sn_socket_get_option_bytes(sn_socket *socket, sn_option_level level,
                                                       sn_option_name name, void *data, size_t size,
                                                       size_t *out_size);

/**
 * Sets an option by the platform's own numbers, without translation. Afterwards the socket cannot
 * connect again after a failed connect, because its options are no longer known.
 *
 * @param socket  borrowed
 * @param level   such as SOL_SOCKET
 * @param name    such as SO_RCVBUF
 * @param data    borrowed for the call, `size` bytes
 * @param size    bytes
 *
 * @error   whatever the kernel says
 * @dotnet  Socket.SetRawSocketOption(int, int, ReadOnlySpan<byte>)
 */
SN_MUST_USE SN_API sn_error sn_socket_set_raw_option(sn_socket *socket, int level, int name,
                                                     const void *data, size_t size);

/**
 * Reads an option by the platform's own numbers.
 *
 * @param socket    borrowed
 * @param level     such as SOL_SOCKET
 * @param name      such as SO_RCVBUF
 * @param data      caller-provided, `size` bytes
 * @param size      bytes of room
 * @param out_size  bytes written; may be NULL
 *
 * @error   whatever the kernel says
 * @dotnet  Socket.GetRawSocketOption(int, int, Span<byte>)
 */
SN_MUST_USE SN_API sn_error sn_socket_get_raw_option(sn_socket *socket, int level, int name,
                                                     void *data, size_t size, size_t *out_size);

/**
 * Joins or leaves an IPv4 multicast group.
 *
 * @param socket  borrowed; an IPv4 socket
 * @param name    SN_OPTION_ADD_MEMBERSHIP or SN_OPTION_DROP_MEMBERSHIP; else SN_ERROR_ARGUMENT
 * @param option  borrowed for the call
 *
 * @error   SN_ERROR_ARGUMENT               the name is another one, or an address is not IPv4
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the interface index lies outside 0 to 0x00FFFFFF
 * @error   SN_ERROR_ADDRESS_ALREADY_IN_USE the group was joined already
 * @dotnet  Socket.SetSocketOption(SocketOptionLevel, SocketOptionName, object)
 */
SN_MUST_USE SN_API sn_error sn_socket_set_multicast_option(sn_socket *socket, sn_option_name name,
                                                           const sn_multicast_option *option);

/**
 * Joins or leaves an IPv6 multicast group.
 *
 * @param socket  borrowed; an IPv6 socket
 * @param name    SN_OPTION_ADD_MEMBERSHIP or SN_OPTION_DROP_MEMBERSHIP; else SN_ERROR_ARGUMENT
 * @param option  borrowed for the call
 *
 * @error   SN_ERROR_ARGUMENT               the name is another one, or the group is not IPv6
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the interface index lies outside 0 to 0xFFFFFFFF
 * @dotnet  Socket.SetSocketOption(SocketOptionLevel, SocketOptionName, object)
 */
SN_MUST_USE SN_API sn_error sn_socket_set_ipv6_multicast_option(
    sn_socket *socket, sn_option_name name, const sn_ipv6_multicast_option *option);

/*
 * The properties, in .NET's words: a getter and a setter each. A getter writes its output on
 * success only. Both give SN_ERROR_ARGUMENT_NULL for a NULL socket or output,
 * SN_ERROR_OBJECT_DISPOSED for a closed socket.
 */

/** TCP: send small pieces at once instead of gathering them. @dotnet Socket.NoDelay */
SN_MUST_USE SN_API sn_error sn_socket_get_no_delay(sn_socket *socket, bool *out_value);
/** @dotnet Socket.NoDelay */
SN_MUST_USE SN_API sn_error sn_socket_set_no_delay(sn_socket *socket, bool value);

/**
 * Whether an IPv6 socket speaks IPv4 too. Reading gives false for other families; setting one gives
 * SN_ERROR_NOT_SUPPORTED, and SN_ERROR_INVALID_ARGUMENT after a bind.
 * @dotnet Socket.DualMode
 */
SN_MUST_USE SN_API sn_error sn_socket_get_dual_mode(sn_socket *socket, bool *out_value);
/** @dotnet Socket.DualMode */
SN_MUST_USE SN_API sn_error sn_socket_set_dual_mode(sn_socket *socket, bool value);

/**
 * Unix: closing the socket removes the file that its bind has made. True at first. It is removed in
 * the process that has bound only, not in a forked child, and only while it is that very file.
 * Other sockets keep the value and have no use for it.
 * @dotnet none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_unlink_on_close(sn_socket *socket, bool *out_value);
/** @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_set_unlink_on_close(sn_socket *socket, bool value);

/**
 * IPv4 and dual-mode sockets: datagrams are never cut into fragments on the way; other families
 * give SN_ERROR_NOT_SUPPORTED.
 * @dotnet Socket.DontFragment
 */
SN_MUST_USE SN_API sn_error sn_socket_get_dont_fragment(sn_socket *socket, bool *out_value);
/** @dotnet Socket.DontFragment */
SN_MUST_USE SN_API sn_error sn_socket_set_dont_fragment(sn_socket *socket, bool value);

/** Datagrams may go to broadcast addresses. False for streams. @dotnet Socket.EnableBroadcast */
SN_MUST_USE SN_API sn_error sn_socket_get_enable_broadcast(sn_socket *socket, bool *out_value);
/** @dotnet Socket.EnableBroadcast */
SN_MUST_USE SN_API sn_error sn_socket_set_enable_broadcast(sn_socket *socket, bool value);

/**
 * Nobody else may bind to the same address; the inverse of SN_OPTION_REUSE_ADDRESS. Setting it on a
 * bound socket gives SN_ERROR_INVALID_OPERATION.
 * @dotnet Socket.ExclusiveAddressUse
 */
SN_MUST_USE SN_API sn_error sn_socket_get_exclusive_address_use(sn_socket *socket, bool *out_value);
/** @dotnet Socket.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_socket_set_exclusive_address_use(sn_socket *socket, bool value);

/**
 * Several sockets may bind to one address and port, and the kernel deals connections or datagrams
 * out among them. SN_OPTION_REUSE_ADDRESS, as in .NET, sets this together with what
 * sn_socket_set_reuse_address_only() sets.
 * @dotnet none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_reuse_port(sn_socket *socket, bool *out_value);
/** @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_set_reuse_port(sn_socket *socket, bool value);

/** An address may be bound while old connections of it still linger. @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_get_reuse_address_only(sn_socket *socket, bool *out_value);
/** @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_set_reuse_address_only(sn_socket *socket, bool value);

/** What a close does with data not yet sent. @dotnet Socket.LingerState */
SN_MUST_USE SN_API sn_error sn_socket_get_linger_state(sn_socket *socket,
                                                       sn_linger_option *out_value);
/**
 * SN_ERROR_ARGUMENT_NULL for NULL, SN_ERROR_ARGUMENT for seconds outside 0 to 65535.
 * @dotnet Socket.LingerState
 */
SN_API sn_error sn_socket_set_linger_state(sn_socket *socket, const sn_linger_option *value);

/**
 * A socket also receives the multicasts that it sends. IPv4 and IPv6, else SN_ERROR_NOT_SUPPORTED.
 * @dotnet Socket.MulticastLoopback
 */
SN_MUST_USE SN_API sn_error sn_socket_get_multicast_loopback(sn_socket *socket, bool *out_value);
/** @dotnet Socket.MulticastLoopback */
SN_MUST_USE SN_API sn_error sn_socket_set_multicast_loopback(sn_socket *socket, bool value);

/**
 * Bytes of room in the kernel; Linux reports twice what was set.
 * @dotnet Socket.ReceiveBufferSize
 */
SN_MUST_USE SN_API sn_error sn_socket_get_receive_buffer_size(sn_socket *socket, int *out_value);
/** Negative: SN_ERROR_ARGUMENT_OUT_OF_RANGE. @dotnet Socket.ReceiveBufferSize */
SN_MUST_USE SN_API sn_error sn_socket_set_receive_buffer_size(sn_socket *socket, int value);
/** Bytes of room in the kernel; Linux reports twice what was set. @dotnet Socket.SendBufferSize */
SN_MUST_USE SN_API sn_error sn_socket_get_send_buffer_size(sn_socket *socket, int *out_value);
/** Negative: SN_ERROR_ARGUMENT_OUT_OF_RANGE. @dotnet Socket.SendBufferSize */
SN_MUST_USE SN_API sn_error sn_socket_set_send_buffer_size(sn_socket *socket, int value);

/** The limit of a blocking receive; 0: no limit. @dotnet Socket.ReceiveTimeout */
SN_MUST_USE SN_API sn_error sn_socket_get_receive_timeout(sn_socket *socket,
                                                          sn_milliseconds *out_value);
/**
 * SN_FOREVER and 0: no limit. Less, or more than INT_MAX: SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet Socket.ReceiveTimeout
 */
SN_MUST_USE SN_API sn_error sn_socket_set_receive_timeout(sn_socket *socket, sn_milliseconds value);
/** The limit of a whole blocking send; 0: no limit. @dotnet Socket.SendTimeout */
SN_MUST_USE SN_API sn_error sn_socket_get_send_timeout(sn_socket *socket,
                                                       sn_milliseconds *out_value);
/**
 * SN_FOREVER and 0: no limit. Less, or more than INT_MAX: SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet Socket.SendTimeout
 */
SN_MUST_USE SN_API sn_error sn_socket_set_send_timeout(sn_socket *socket, sn_milliseconds value);
/**
 * The limit of a connect, for each address tried, blocking or asynchronous; 0: no limit. The whole
 * of an asynchronous one has its operation's timeout_ms.
 * @dotnet none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_connect_timeout(sn_socket *socket,
                                                          sn_milliseconds *out_value);
/**
 * SN_FOREVER and 0: no limit. Less, or more than INT_MAX: SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet none
 */
SN_MUST_USE SN_API sn_error sn_socket_set_connect_timeout(sn_socket *socket, sn_milliseconds value);
/** The limit of a blocking accept; 0: no limit. @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_get_accept_timeout(sn_socket *socket,
                                                         sn_milliseconds *out_value);
/**
 * SN_FOREVER and 0: no limit. Less, or more than INT_MAX: SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet none
 */
SN_MUST_USE SN_API sn_error sn_socket_set_accept_timeout(sn_socket *socket, sn_milliseconds value);

/** Who was at the other end of a Unix socket when it was connected. @since 0.2 */
typedef struct sn_peer_credentials {
    int64_t process; /* its number, as this process sees it; 0 for one outside its namespace */
    uint32_t user;   /* its effective number */
    uint32_t group;  /* likewise */
} sn_peer_credentials;

/**
 * Who the peer is, as the kernel noted it when the sockets were connected: of a client the process
 * that listens, of an accepted socket the one that connected, of a pair the one that made it. It
 * may be gone by now, and its number somebody else's.
 *
 * @param socket           borrowed; a connected Unix socket
 * @param out_credentials  caller-provided; untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL            out_credentials is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  no Unix socket
 * @error   SN_ERROR_NOT_CONNECTED            nobody was told of: a listener, a datagram socket that
 *                                            is not one of a pair
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_peer_credentials(sn_socket *socket,
                                                           sn_peer_credentials *out_credentials);

/**
 * The further groups of the peer, as sn_socket_get_peer_credentials().
 *
 * @param socket     borrowed; a connected Unix socket
 * @param groups     caller-provided, room for `size` of them; NULL only with size 0
 * @param size       how many fit
 * @param out_count  how many there are, also where they do not fit
 *
 * @error   SN_ERROR_ARGUMENT_NULL          groups or out_count is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  there are more than fit; none was written
 * @error   otherwise as sn_socket_get_peer_credentials()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_peer_groups(sn_socket *socket, uint32_t *groups,
                                                      size_t size, size_t *out_count);

/** What became of a connection of SN_PROTOCOL_MPTCP. @since 0.2 */
typedef struct sn_multipath {
    bool fell_back;   /* it is TCP: the peer, or something on the way, does not speak the other */
    uint32_t paths;   /* how many there are now */
    uint32_t retries; /* how often something was sent again on another path; 0 on older systems */
} sn_multipath;

/**
 * Whether a connection uses several paths, or fell back to TCP.
 *
 * @param socket         borrowed; connected
 * @param out_multipath  caller-provided; untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL            out_multipath is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  it is not of SN_PROTOCOL_MPTCP
 * @error   SN_ERROR_NOT_CONNECTED            it has no connection
 * @error   SN_ERROR_PROTOCOL_OPTION          the kernel does not tell (before 5.16)
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_multipath(sn_socket *socket, sn_multipath *out_multipath);

/**
 * Whether the peer has taken data that came with the first packet of the connection (TCP Fast
 * Open), or this side has taken the peer's. False where none was sent, or it was sent again.
 *
 * @param socket        borrowed; connected
 * @param out_accepted  caller-provided; untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL            out_accepted is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  no TCP
 * @error   SN_ERROR_NOT_CONNECTED            it has no connection
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_fast_open_accepted(sn_socket *socket, bool *out_accepted);

/**
 * How many routers a packet may pass. IPv4 and IPv6, else SN_ERROR_NOT_SUPPORTED.
 * @dotnet Socket.Ttl
 */
SN_MUST_USE SN_API sn_error sn_socket_get_ttl(sn_socket *socket, int *out_value);
/**
 * Outside 0 to 255: SN_ERROR_ARGUMENT_OUT_OF_RANGE; 0 on IPv4: the kernel refuses.
 * @dotnet Socket.Ttl
 */
SN_MUST_USE SN_API sn_error sn_socket_set_ttl(sn_socket *socket, int value);

#ifdef __cplusplus
}
#endif

#endif
