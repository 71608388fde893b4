// UDP sockets: batches of messages.
#ifndef CLINUX_UDP_H
#define CLINUX_UDP_H

#include <linux/udp.h>

// `messages` are `struct mmsghdr`, which Glibc shows for _GNU_SOURCE only: a `struct msghdr` and the bytes moved.
extern int clinux_receive_messages(int socket, void *messages, unsigned int count);
extern int clinux_send_messages(int socket, void *messages, unsigned int count);

#endif
