#include "tun.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(IFNAMSIZ == 16, "length of an interface name");
_Static_assert(sizeof(struct virtio_net_hdr) == 10, "header in front of a packet");

static int interface_ioctl(int descriptor, unsigned long command, char name[IFNAMSIZ], int *flags) {
    struct ifreq request = {.ifr_flags = (short)*flags};
    memcpy(request.ifr_name, name, IFNAMSIZ);
    if (ioctl(descriptor, command, &request) == -1) return -1;
    memcpy(name, request.ifr_name, IFNAMSIZ);
    *flags = (unsigned short)request.ifr_flags;
    return 0;
}

int clinux_tun_attach(int tun, char name[16], int flags) { return interface_ioctl(tun, TUNSETIFF, name, &flags); }

int clinux_tun_interface(int tun, char name[16], int *flags) { return interface_ioctl(tun, TUNGETIFF, name, flags); }

int clinux_tun_set_header_size(int tun, int size) { return ioctl(tun, TUNSETVNETHDRSZ, &size); }

int clinux_tun_set_offloads(int tun, unsigned flags) { return ioctl(tun, TUNSETOFFLOAD, (unsigned long)flags); }

int clinux_set_mtu(const char name[16], int mtu) {
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any == -1) return -1;
    struct ifreq request = {.ifr_mtu = mtu};
    memcpy(request.ifr_name, name, IFNAMSIZ);
    int result = ioctl(any, SIOCSIFMTU, &request);
    close(any);
    return result;
}
