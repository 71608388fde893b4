// What a daemon does to its own process.
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <linux/capability.h>

#endif
