// TUN devices and the headers that their packets carry.
#ifndef CLINUX_TUN_H
#define CLINUX_TUN_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>

// linux/if_tun.h of Linux 6.2: UDP segmentation.
enum {
    CLINUX_TUN_F_USO4 = 0x20,
    CLINUX_TUN_F_USO6 = 0x40,
};

// ioctl() has no fixed signature, which Swift needs. All return -1 with errno, as it does.

// Makes `tun`, an open /dev/net/tun, a queue of the interface `name`, created if there is none. The kernel
// writes the name that it chose back.
int clinux_tun_attach(int tun, char name[16], int flags);
// Which interface `tun` is a queue of, and its IFF_ flags.
int clinux_tun_interface(int tun, char name[16], int *flags);
// Bytes of the header in front of each packet.
int clinux_tun_set_header_size(int tun, int size);
// TUN_F_ flags.
int clinux_tun_set_offloads(int tun, unsigned flags);
int clinux_set_mtu(const char name[16], int mtu);

#endif
