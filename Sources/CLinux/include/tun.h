// TUN devices and the headers that their packets carry.
#ifndef CLINUX_TUN_H
#define CLINUX_TUN_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>

#endif
