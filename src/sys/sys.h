/**
 * sys: one thin function per system call, and nothing else in the project makes one.
 *
 * A result is native: what the call returned, or the negative errno. EINTR never comes out: a call
 * is made again, and a wait goes on until its deadline. Nothing here raises SIGPIPE or leaks a
 * descriptor across exec. Every descriptor made here is non-blocking for life, and no call but
 * those that wait waits for one, even where somebody else has made it blocking.
 *
 * The room must never know a portable error, a socket object or an operation. Because every call
 * passes through these functions, a test can put a scripted kernel under the whole library (the
 * linker's
 * --wrap, see tests/fault).
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A point on the monotonic clock that is never reached. */
#define SYS_NEVER INT64_MAX

/* --- Making descriptors ---------------------------------------------------------------------- */

int32_t sys_socket(int family, int type, int protocol);
int32_t sys_socket_pair(int family, int type, int protocol, int32_t out_pair[2]);
int32_t sys_accept(int32_t listener, void *sockaddr, uint32_t *inout_size);
int32_t sys_close(int32_t handle);
/* Makes `onto` name what `handle` names; what it named before is closed, the handle never free. */
int32_t sys_duplicate_onto(int32_t handle, int32_t onto);
/* Another number for what `handle` names. */
int32_t sys_duplicate(int32_t handle);
/* What a descriptor was before it was adopted. */
enum sys_adopted { SYS_WAS_BLOCKING = 1 << 0, SYS_WAS_INHERITED = 1 << 1 /* across exec */ };
/* Non-blocking and close-on-exec from now on; tells what it was before. */
int32_t sys_adopt(int32_t handle, uint32_t *out_was);
/* It becomes again what it was. */
void sys_give_back(int32_t handle, uint32_t was);
/* 1: a socket, 0: something else that is open, or -errno. */
int32_t sys_is_socket(int32_t handle);
int32_t sys_set_nonblocking(int32_t handle, bool nonblocking);

/* --- Names and states ------------------------------------------------------------------------ */

int32_t sys_bind(int32_t handle, const void *sockaddr, uint32_t size);
int32_t sys_listen(int32_t handle, int backlog);
int32_t sys_connect(int32_t handle, const void *sockaddr, uint32_t size);
int32_t sys_shutdown(int32_t handle, int how);
int32_t sys_local_name(int32_t handle, void *sockaddr, uint32_t *inout_size);
int32_t sys_peer_name(int32_t handle, void *sockaddr, uint32_t *inout_size);
int32_t sys_set_option(int32_t handle, int level, int name, const void *data, uint32_t size);
int32_t sys_get_option(int32_t handle, int level, int name, void *data, uint32_t *inout_size);
int32_t sys_available(int32_t handle, int *out_bytes);
int32_t sys_at_mark(int32_t handle, int *out_at_mark);

/* --- Interfaces ------------------------------------------------------------------------------ */

#define SYS_INTERFACE_NAME_SIZE 16 /* with the NUL */

struct sys_interface {
    uint32_t index;
    char name[SYS_INTERFACE_NAME_SIZE];
};

/* The index, or -errno; -ENODEV: there is none of this name. */
int64_t sys_interface_index(const char *name);
/* -ENODEV: there is none of this index. */
int32_t sys_interface_name(uint32_t index, char out_name[SYS_INTERFACE_NAME_SIZE]);
/* The first `capacity` of them, and how many there are. */
int32_t sys_interface_list(struct sys_interface *out_interfaces, size_t capacity,
                           size_t *out_count);

/* --- Moving bytes ---------------------------------------------------------------------------- */

int64_t sys_receive(int32_t handle, void *data, size_t size, int flags);
int64_t sys_receive_message(int32_t handle, struct msghdr *message, int flags);
int64_t sys_receive_from(int32_t handle, void *data, size_t size, int flags, void *out_sockaddr,
                         uint32_t *inout_size);
/*
 * After a receive that has given 0: whether a message may be there all the same. On a Unix socket
 * of SOCK_SEQPACKET the kernel looks for a message, and then for the end; a peer that sends one and
 * closes in between makes it answer with the end, and the message comes with the next call (38 of
 * 60,000 times with a peer that does just that). Where the end was told, a message behind it proves
 * that it was none; a message without bytes before it cannot be told from that, nor is it from the
 * end.
 */
bool sys_end_is_doubtful(int32_t handle);
int64_t sys_send(int32_t handle, const void *data, size_t size, int flags);
int64_t sys_send_to(int32_t handle, const void *data, size_t size, int flags, const void *sockaddr,
                    uint32_t sockaddr_size);
int64_t sys_send_message(int32_t handle, const struct msghdr *message, int flags);
/*
 * Several messages in one call: how many have moved, which may be fewer; `msg_len` of each. What is
 * wrong with one behind the first the next call tells. Linux remembers what a receive has found out
 * so; of a send an error that was waiting in the socket may be lost, see decision 0026. -ENOSYS,
 * -EPERM: the call itself may be forbidden.
 */
int64_t sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags);
int64_t sys_receive_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags);
/* The same without flags, for the data path, where the arguments need not outlive the call: one
 * that a signal interrupted returns -EINTR and is not made again. */
int64_t sys_receive_once(int32_t handle, void *data, size_t size);
int64_t sys_send_once(int32_t handle, const void *data, size_t size);
/* The same of a datagram: its sender and what it is to be told of it, and where it goes. */
int64_t sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                              void *out_sockaddr, uint32_t *inout_size);
int64_t sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                         uint32_t sockaddr_size);
/* For descriptors that are no sockets. */
int64_t sys_read(int32_t handle, const struct iovec *pieces, int count);
int64_t sys_write(int32_t handle, const struct iovec *pieces, int count);
/* All of it, to what is the program's own: its flags stay, and the thread waits where it is full. 0
 * or -errno. */
int32_t sys_write_text(int32_t handle, const char *text, size_t size);

/* A chunk of a file to a stream: the bytes that went, which may be fewer. */
int64_t sys_send_file(int32_t handle, int32_t file, int64_t offset, size_t size);

/* A pipe: the end to read from, then the one to write to. */
int32_t sys_pipe(int32_t out_ends[2]);
/* From a stream into a pipe, and from a pipe to a stream: bytes, which may be fewer. -EINVAL: such
 * a descriptor cannot do that. */
int64_t sys_splice_in(int32_t handle, int32_t pipe, size_t size);
int64_t sys_splice_out(int32_t pipe, int32_t handle, size_t size);

/* --- Waiting --------------------------------------------------------------------------------- */

struct sys_poll {
    int32_t handle;
    int16_t events;  /* POLLIN, POLLOUT, POLLPRI */
    int16_t revents; /* out */
};

/* Nanoseconds of the monotonic clock. */
int64_t sys_now(void);
/* The same as it was at the last tick, some milliseconds ago, for a third of the cost. */
int64_t sys_now_coarse(void);
/* How many of the descriptors have something to report; 0 once the deadline has passed. */
int32_t sys_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns);
/* The same, but -EINTR when a signal has interrupted it. */
int32_t sys_poll_interruptible(struct sys_poll *descriptors, size_t count, int64_t deadline_ns);

/* A wake event: a descriptor that becomes readable when it is signalled, until it is drained. */
int32_t sys_wake_open(void);
void sys_wake_signal(int32_t handle);
void sys_wake_drain(int32_t handle);

/* Sleeps while *word is `value`; returns early for no reason now and then. True: a signal has
 * interrupted it. */
bool sys_futex_wait(const uint32_t *word, uint32_t value, int64_t deadline_ns);
void sys_futex_wake_all(const uint32_t *word);

/* --- Signals ---------------------------------------------------------------------------------- */

/* One that came: see <sennit/signal.h>. */
struct sys_signal {
    int32_t number, code;
    uint32_t process_id, user_id;
    int32_t status, value;
    uint64_t pointer, address;
};

/* Whether the calling thread blocks them all: 1 or 0. -EINVAL: one is none that can be waited for.
 */
int32_t sys_signals_are_blocked(const int *numbers, size_t count);
/* A descriptor that is readable while one of them is pending, of the process or of the reader. */
int32_t sys_signals_open(const int *numbers, size_t count);
/* Takes one. -EAGAIN: there is none. */
int32_t sys_signals_read(int32_t handle, struct sys_signal *out_signal);

/* --- Readiness: epoll ------------------------------------------------------------------------ */

int32_t sys_epoll_open(void);
/* Reports these events from now on, with `context`. -EEXIST: this number of this file is
 * registered. */
int32_t sys_epoll_register(int32_t epoll, int32_t handle, uint32_t events, void *context);
int32_t sys_epoll_change(int32_t epoll, int32_t handle, uint32_t events, void *context);
int32_t sys_epoll_forget(int32_t epoll, int32_t handle);
/* How many events were written, 0 once the deadline has passed. -EINTR: a
 * signal has interrupted it. */
int32_t sys_epoll_wait(int32_t epoll, struct epoll_event *events, int32_t count,
                       int64_t deadline_ns);

/* --- Files ----------------------------------------------------------------------------------- */

int32_t sys_unlink(const char *path);
/* What tells the file at a path from every other one; a symbolic link is itself such a file. */
struct sys_identity {
    uint64_t device, number;
};
int32_t sys_identify(const char *path, struct sys_identity *out_identity);
int32_t sys_open_file(const char *path); /* for reading */
/* -EISDIR, -ESPIPE: no regular file; -EBADF: not open for reading. */
int32_t sys_file_size(int32_t file, int64_t *out_size);
int64_t sys_read_at(int32_t file, void *data, size_t size, int64_t offset);
/* The working directory as text that ends with a NUL, or -errno. */
int32_t sys_working_directory(char *path, size_t size);

/* --- The environment ------------------------------------------------------------------------- */

/* Runs them at every fork from now on: before it, and after it in the parent and in the child.
 * NULL: nothing. */
int32_t sys_on_fork(void (*before)(void), void (*parent)(void), void (*child)(void));
/* How many forks lie between this process and the first that used the library: what was made at
 * another count (threads, rings, wake events) is not this process's own. */
extern uint32_t sys_forks; /* changes only while the process has one thread */
static inline uint32_t sys_fork_count(void)
{
    return sys_forks;
}
uint32_t sys_process_id(void);
/* How many processors this process may run on, at least 1. */
uint32_t sys_processor_count(void);
/* How many processors the machine has at work, whoever may use them; at least 1. */
uint32_t sys_processor_count_online(void);
/* The calling thread's number, which no other thread ever gets: not 0, and unlike pthread_self()
 * not given out again. */
uint64_t sys_thread_number(void);
/* Bytes that nobody can foresee; 0 or -errno. */
int32_t sys_random(void *data, size_t size);
/* Starts a thread with all signals blocked that are not about what itself does, so that none is
 * delivered to it; -errno. */
int32_t sys_thread_start(pthread_t *out_thread, void *(*run)(void *), void *argument);

/* --- Stacks ----------------------------------------------------------------------------------- */

uint32_t sys_page_size(void);
/* Memory for a stack, with a page below it that faults; both are taken only where they are touched,
 * and never in huge pages. `size`: whole pages. */
int32_t sys_stack_map(size_t size, void **out_base);
/* -ENOMEM: it is still there, since a gap would make more mappings than a process may have; but
 * what was in it is gone. */
int32_t sys_stack_unmap(void *base, size_t size);

/*
 * Asks `is_told` about each fault of memory (SIGSEGV, SIGBUS), inside the signal's handler, with
 * the address: true means that all has been said, and the fault happens again with the handler from
 * before. What is none of ours goes to that one at once. Once in a process.
 */
int32_t sys_watch_faults(bool (*is_told)(const void *address));
/* Where this thread's handlers run that want a stack of their own; NULL: on that of the thread. */
void *sys_signal_stack(void);
/* NULL: on that of the thread again. -EPERM: a handler runs there now. */
int32_t sys_set_signal_stack(void *base, size_t size);
/* Writes to stderr, whatever becomes of it. May be called in a signal's handler. */
void sys_tell_user(const char *text, size_t size);

/* --- Names ------------------------------------------------------------------------------------ */

#include "sys/resolve.h"

#endif
