// Kernel headers that Glibc's module map hides, and the constants newer than Debian 12's headers.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/fib_rules.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/wireguard.h>
#include <stdint.h>

#include "event.h"
#include "process.h"
#include "sandbox.h"
#include "signals.h"
#include "tun.h"
#include "udp.h"

// linux/wireguard.h of Linux 6.16: an allowed-ip may carry flags.
enum {
    CLINUX_WGALLOWEDIP_A_FLAGS = 4,
    CLINUX_WGALLOWEDIP_F_REMOVE_ME = 1U << 0,
};

// struct __kernel_timespec, as WGPEER_A_LAST_HANDSHAKE_TIME carries it: 64-bit fields on every machine.
struct clinux_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

// Glibc declares these for _GNU_SOURCE only.
extern int pipe2(int ends[2], int flags);
extern int unshare(int flags);
extern int setns(int descriptor, int type);

#endif
