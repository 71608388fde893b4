// Restrictions that a process puts on itself for good, once it no longer needs what they forbid. They also bind an
// attacker who takes over the process through a bug of ours in reading untrusted input.
#ifndef CLINUX_SANDBOX_H
#define CLINUX_SANDBOX_H

// Confines files by landlock(7): the calling thread, and threads that it starts, may list the folder and delete files
// in it, and can open, make, change or delete no other file. TCP sockets, abstract sockets and signals to other
// processes are forbidden too, where the kernel's landlock knows them. `folder` may be null: then no file at all.
// Needs `clinux_forbid_new_privileges` first. Returns 0, or -1 with errno: ENOSYS or EOPNOTSUPP without landlock.
extern int clinux_confine_files(const char *folder);

// Confines system calls by seccomp(2): all threads may make those of a running tunnel, and no others. In particular
// they cannot start a program or thread, open a file, map code, or make sockets other than UDP and netlink. Opening a
// file for reading returns EACCES. Any other call returns EPERM, after a line on standard error that begins with
// `name`; with `kills` SIGSYS ends the process instead. No thread may block SIGSYS, and `name` must stay valid. Needs
// `clinux_forbid_new_privileges` first, in all threads. Returns 0, or -1 with errno.
extern int clinux_confine_calls(const char *name, int kills);

#endif
