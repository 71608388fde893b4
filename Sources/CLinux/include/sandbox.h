// What a process forbids itself for good, because it will not need it any more. Who takes over the process, by a
// mistake of ours in what strangers may send, can then do no more either.
#ifndef CLINUX_SANDBOX_H
#define CLINUX_SANDBOX_H

// Files, by landlock(7): the calling thread, and those that it starts, may list the folder and delete files in it, and
// can open, make, change or delete no other file. Sockets of TCP, abstract sockets and signals to other processes are
// forbidden too, where the kernel's landlock knows them. `folder` may be null: then no file at all.
// Needs `clinux_forbid_new_privileges` first. 0, or -1 with errno: ENOSYS or EOPNOTSUPP for a kernel without landlock.
extern int clinux_confine_files(const char *folder);

// System calls, by seccomp(2): all threads may make those of a tunnel at work, and no others: in particular they can
// start no program or thread, open no file, map no code, and make no sockets but those of UDP and netlink.
// Opening a file for reading returns EACCES. Any other call returns EPERM, after a line on standard error, behind `name`; with `kills` it ends the process by
// SIGSYS instead. SIGSYS must not be blocked in any thread, and `name` stay where it is.
// Needs `clinux_forbid_new_privileges` first, in all threads. 0, or -1 with errno.
extern int clinux_confine_calls(const char *name, int kills);

#endif
