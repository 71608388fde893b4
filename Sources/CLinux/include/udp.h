// UDP sockets: control messages, batches and offloads.
#ifndef CLINUX_UDP_H
#define CLINUX_UDP_H

#include <linux/udp.h>

#endif
