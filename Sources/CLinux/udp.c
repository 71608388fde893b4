#define _GNU_SOURCE
#include "udp.h"

#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

// Control messages are laid out in Swift from these facts.
_Static_assert(offsetof(struct cmsghdr, cmsg_len) == 0, "a control message begins with its length");
_Static_assert(offsetof(struct cmsghdr, cmsg_level) == sizeof(size_t), "then its level");
_Static_assert(offsetof(struct cmsghdr, cmsg_type) == sizeof(size_t) + 4, "and type");
_Static_assert(CMSG_LEN(0) == CMSG_ALIGN(sizeof(size_t) + 8), "and its content");
_Static_assert(CMSG_ALIGN(1) == sizeof(size_t), "aligned as a pointer");
_Static_assert(sizeof(struct in_pktinfo) == 12 && offsetof(struct in_pktinfo, ipi_spec_dst) == 4, "IPv4 packet info");
_Static_assert(sizeof(struct in6_pktinfo) == 20 && offsetof(struct in6_pktinfo, ipi6_ifindex) == 16, "IPv6 packet info");

_Static_assert(offsetof(struct mmsghdr, msg_len) == sizeof(struct msghdr), "the count follows the message");
_Static_assert(sizeof(struct mmsghdr) == sizeof(struct msghdr) + sizeof(size_t), "in a field as wide as a pointer");

const int clinux_message_is_cut = MSG_TRUNC | MSG_CTRUNC;

int clinux_udp_socket(int family) { return socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

int clinux_route_socket(void) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
}

int clinux_receive_messages(int socket, void *messages, unsigned int count) {
    return recvmmsg(socket, messages, count, MSG_DONTWAIT, NULL);
}

int clinux_send_messages(int socket, void *messages, unsigned int count) {
    return sendmmsg(socket, messages, count, MSG_DONTWAIT);
}

int clinux_unsent_bytes(int socket) {
    int bytes = 0;
    return ioctl(socket, SIOCOUTQ, &bytes) == -1 ? 0 : bytes;
}
