#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

// System calls that are allowed with any arguments. The C library chooses between some of them by its version and the
// processor; #ifdef guards old ones that only some architectures have. The data path's come first.
static const int allowed[] = {
    SYS_read, SYS_write, SYS_writev, SYS_readv, SYS_recvmmsg, SYS_sendmmsg, SYS_sendmsg, SYS_recvmsg,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait, SYS_futex, SYS_clock_nanosleep, SYS_nanosleep, SYS_sched_yield, SYS_timerfd_settime,
    SYS_clock_gettime, SYS_getrandom, SYS_recvfrom, SYS_sendto,
    // Control socket, and changes of the port, fwmark and interface.
    SYS_accept4, SYS_epoll_ctl, SYS_close, SYS_bind, SYS_connect, SYS_getsockname, SYS_setsockopt, SYS_getsockopt,
    SYS_fcntl, SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
    // Memory; `mmap` and `mprotect` are checked below.
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk,
    // The rest of a thread's start, and its end.
    SYS_set_robust_list,
#ifdef SYS_rseq
    SYS_rseq,
#endif
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall, SYS_sched_getaffinity, SYS_epoll_create1, SYS_eventfd2,
    SYS_timerfd_create, SYS_gettid, SYS_getpid, SYS_exit, SYS_exit_group,
    // The end of the daemon: it removes the control socket's file.
    SYS_newfstatat, SYS_fstat, SYS_unlinkat, SYS_flock,
#ifdef SYS_lstat
    SYS_lstat, SYS_stat,
#endif
#ifdef SYS_unlink
    SYS_unlink,
#endif
};

enum { allow = SECCOMP_RET_ALLOW, most_instructions = 256 };

struct program {
    struct sock_filter instructions[most_instructions];
    unsigned short count;
};

static void add(struct program *self, struct sock_filter instruction) {
    self->instructions[self->count++] = instruction;
}

static void load(struct program *self, size_t field) {
    add(self, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)field));
}

// Loads the lower half of an argument: all arguments that the filter checks have 32 bits.
static void load_argument(struct program *self, int number) {
    load(self, offsetof(struct seccomp_data, args) + 8 * (size_t)number);
}

static void decide(struct program *self, unsigned action) {
    add(self, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void decide_if_equal(struct program *self, unsigned value, unsigned action) {
    add(self, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    decide(self, action);
}

static void decide_if_any_bit(struct program *self, unsigned bits, unsigned action) {
    add(self, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
    decide(self, action);
}

// Makes any other call skip the instructions that the caller adds up to `end_call`.
static unsigned short begin_call(struct program *self, int call) {
    add(self, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 0));
    return self->count - 1;
}

static void end_call(struct program *self, unsigned short begin, unsigned action) {
    decide(self, action);
    self->instructions[begin].jf = (unsigned char)(self->count - begin - 1);
}

// Refuses executable memory.
static void allow_data(struct program *self, int call, unsigned refusal) {
    unsigned short begin = begin_call(self, call);
    load_argument(self, 2);
    decide_if_any_bit(self, PROT_EXEC, refusal);
    end_call(self, begin, allow);
}

// Allows opening folders, but not files. Opening a file for reading fails silently, as under landlock: the C library
// looks into /proc when it frees memory, and does without.
static void allow_folders(struct program *self, unsigned refusal) {
    unsigned short begin = begin_call(self, SYS_openat);
    load_argument(self, 2);
    decide_if_any_bit(self, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, refusal);
    decide_if_any_bit(self, O_DIRECTORY, allow);
    end_call(self, begin, SECCOMP_RET_ERRNO | EACCES);
}

static void allow_sockets(struct program *self, unsigned refusal) {
    unsigned short begin = begin_call(self, SYS_socket);
    load_argument(self, 1);
    add(self, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff));
    decide_if_equal(self, SOCK_STREAM, refusal);
    load_argument(self, 0);
    decide_if_equal(self, AF_INET, allow);
    decide_if_equal(self, AF_INET6, allow);
    decide_if_equal(self, AF_NETLINK, allow);
    end_call(self, begin, refusal);
}

// Allows reading how much a socket's queue holds, resetting the offloads of a persistent interface at the end, and
// looking up names and indices of interfaces, the scopes of link-local endpoints.
static void allow_controls(struct program *self, unsigned refusal) {
    unsigned short begin = begin_call(self, SYS_ioctl);
    load_argument(self, 1);
    decide_if_equal(self, SIOCOUTQ, allow);
    decide_if_equal(self, TUNSETOFFLOAD, allow);
    decide_if_equal(self, SIOCGIFINDEX, allow);
    decide_if_equal(self, SIOCGIFNAME, allow);
    end_call(self, begin, refusal);
}

// Allows a thread to name itself.
static void allow_names(struct program *self, unsigned refusal) {
    unsigned short begin = begin_call(self, SYS_prctl);
    load_argument(self, 0);
    decide_if_equal(self, PR_SET_NAME, allow);
    end_call(self, begin, refusal);
}

static void write_program(struct program *self, unsigned refusal) {
    load(self, offsetof(struct seccomp_data, arch));
    add(self, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    decide(self, SECCOMP_RET_KILL_PROCESS);
    load(self, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) decide_if_equal(self, (unsigned)allowed[i], allow);
    allow_data(self, SYS_mmap, refusal);
    allow_data(self, SYS_mprotect, refusal);
    allow_folders(self, refusal);
    allow_sockets(self, refusal);
    allow_names(self, refusal);
    allow_controls(self, refusal);
    decide(self, refusal);
}

// The filter's action for a refused call.

// `si_code` of a SIGSYS from seccomp; glibc does not define it.
enum { by_seccomp = 1 };

static const char *program_name;

static char *append(char *end, const char *text) { return stpcpy(end, text); }

static char *append_number(char *end, unsigned number) {
    if (number >= 10) end = append_number(end, number / 10);
    *end++ = (char)('0' + number % 10);
    return end;
}

// Runs in a signal handler: nothing here allocates, locks or changes errno.
static void complain(unsigned call) {
    static atomic_int said;
    char line[256], *end = line;
    if (atomic_fetch_add(&said, 1) >= 16) return;
    end = append(end, program_name);
    end = append(end, ": the sandbox refuses system call ");
    end = append_number(end, call);
    end = append(end, ": report it, and set WG_SANDBOX=off until it is mended\n");
    ssize_t written = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)written;
}

static void refuse(int signal, siginfo_t *information, void *context) {
    (void)signal;
    int error = errno;
    if (information->si_code == by_seccomp) {
        complain((unsigned)information->si_syscall);
        // Sets the call's result, from which the C library makes errno.
        mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
#if defined(__x86_64__)
        machine->gregs[REG_RAX] = -EPERM;
#else
        machine->regs[0] = (unsigned long long)-EPERM;
#endif
    }
    errno = error;
}

static int catch_refusals(const char *name) {
    struct sigaction action = {.sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_RESTART};
    if (strlen(name) > 100) return errno = EINVAL, -1;
    program_name = name;
    return sigaction(SIGSYS, &action, NULL);
}

static long install(const struct program *program, unsigned flags) {
    struct sock_fprog code = {program->count, (struct sock_filter *)program->instructions};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
}

int clinux_confine_calls(const char *name, int kills) {
    struct program program = {.count = 0};
    if (catch_refusals(name) == -1) return -1;
    write_program(&program, kills ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_TRAP);
    // Without SPEC_ALLOW, kernels before 5.16 would enable a mitigation that slows everything down and that a program
    // without foreign code does not need. Kernels before 4.17 do not know the flag.
    long result = install(&program, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
    if (result == -1 && errno == EINVAL) result = install(&program, SECCOMP_FILTER_FLAG_TSYNC);
    // A positive result is the ID of a thread that cannot be synchronized.
    if (result > 0) errno = ESRCH;
    return result == 0 ? 0 : -1;
}

#else

int clinux_confine_calls(const char *name, int kills) {
    (void)name, (void)kills;
    return errno = ENOSYS, -1;
}

#endif
