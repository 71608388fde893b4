// What a program does to its own process, and gives to those that it starts.
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stdint.h>

// fork(2), which Swift hides. Only for a process of one thread.
extern int clinux_fork(void);

// Opens closed descriptors among 0, 1 and 2 such that reading 0 and writing 1 or 2 fails with EBADF, as it did
// before.
extern void clinux_occupy_standard_streams(void);

// The number of processors that the calling thread may run on; 0 if the kernel does not say. The kernel needs room for
// all processors that the machine could have: the first attempt passes `room` bytes, each further one twice as many.
extern int clinux_count_allowed_processors(int room);

// memfd_create(2), close-on-exec.
extern int clinux_memory_file(void);

// The calling thread, and those that it starts, keep of their permitted capabilities those in `kept`, a bit each,
// and may gain no other. 0, or -1 with errno.
extern int clinux_keep_capabilities(uint64_t kept);

// No program that is started may gain privileges; nobody of the same user may read our memory.
extern int clinux_forbid_new_privileges(void);
extern int clinux_forbid_dumps(void);

// Capabilities by their bits.
extern const uint64_t clinux_capability_net_admin;
extern const uint64_t clinux_capability_net_bind_service;

#endif
