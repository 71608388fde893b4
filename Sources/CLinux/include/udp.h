// UDP sockets: batches of messages.
#ifndef CLINUX_UDP_H
#define CLINUX_UDP_H

#include <linux/udp.h>
#include <sys/socket.h>

// Glibc's names for these are enumerators, which Swift no longer finds there once libmnl's header has shown them too.
enum {
    CLINUX_UDP_SOCKET = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
    CLINUX_MESSAGE_CUT = MSG_TRUNC | MSG_CTRUNC,
};

// `messages` are `struct mmsghdr`, which Glibc shows for _GNU_SOURCE only: a `struct msghdr` and the bytes moved.
extern int clinux_receive_messages(int socket, void *messages, unsigned int count);
extern int clinux_send_messages(int socket, void *messages, unsigned int count);

#endif
