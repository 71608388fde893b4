// Sockets, and batches of UDP messages.
#ifndef CLINUX_UDP_H
#define CLINUX_UDP_H

#include <linux/udp.h>

// SOCK_ and MSG_ names are enumerators, which Swift loses sight of where it sees their header twice, and it sees
// it with libmnl's: C knows them. Nor does this header include it.
extern const int clinux_message_is_cut; // MSG_TRUNC | MSG_CTRUNC

// Non-blocking and close-on-exec.
extern int clinux_udp_socket(int family);
extern int clinux_route_socket(void);

// `messages` are `struct mmsghdr`, which Glibc shows for _GNU_SOURCE only: a `struct msghdr` and the bytes moved.
extern int clinux_receive_messages(int socket, void *messages, unsigned int count);
extern int clinux_send_messages(int socket, void *messages, unsigned int count);

// Bytes that the socket has sent and no device has yet, with the kernel's overhead; 0 if the kernel does not say.
extern int clinux_unsent_bytes(int socket);

#endif
