// Descriptors that wait for other things: epoll, eventfd, timerfd, signalfd.
//
// Nothing of the C library's or the kernel's is included: Swift would see their types and constants twice.
#ifndef CLINUX_EVENT_H
#define CLINUX_EVENT_H

#include <stddef.h>
#include <stdint.h>

// Those made here are close-on-exec, and all but the epoll non-blocking.
extern int clinux_epoll(void);
extern int clinux_eventfd(void);
// Of CLOCK_BOOTTIME.
extern int clinux_timerfd(void);
// To read `count` signals from, which become blocked for the calling thread.
extern int clinux_signalfd(const int *signals, size_t count);
// The number of the next signal; 0 when there is none.
extern int clinux_signalfd_read(int signals);
// Whether the process ignores a signal.
extern int clinux_ignores(int signal);
// The next client of a listening socket.
extern int clinux_accept(int listener);

// struct epoll_event is packed on some machines, which Swift does not follow: C writes and reads it.
extern const size_t clinux_epoll_event_size;
extern int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
extern int clinux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token);
extern int clinux_epoll_remove(int epoll, int descriptor);
extern int clinux_epoll_wait(int epoll, void *events, int capacity, int milliseconds);
extern uint32_t clinux_epoll_events(const void *events, size_t index);
extern uint64_t clinux_epoll_token(const void *events, size_t index);

// At one absolute moment; 0, 0 disarms.
extern int clinux_timerfd_set(int timer, int64_t seconds, int64_t nanoseconds);

extern int clinux_name_thread(unsigned long thread, const char *name);

#endif
