// Confines itself, and then tries one thing.
//
// sandbox off|files|calls|kills FOLDER ATTEMPT [PATH]   prints the errno of the attempt, 0 if it was allowed
//
// `files` is landlock alone, `calls` the seccomp filter alone; `kills` is the filter that ends the process.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "sandbox.h"

static const char *path = "";

static int closing(int descriptor) { return descriptor == -1 ? -1 : close(descriptor); }
static int try_read(void) { return closing(open(path, O_RDONLY)); }
static int try_write(void) { return closing(open(path, O_WRONLY)); }
static int try_create(void) { return closing(open(path, O_WRONLY | O_CREAT, 0600)); }
static int try_list(void) { return closing(open(path, O_RDONLY | O_DIRECTORY)); }
static int try_delete(void) { return unlink(path); }
static int try_udp(void) { return closing(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }
static int try_netlink(void) { return closing(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int try_tcp(void) { return closing(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
static int try_unix(void) { return closing(socket(AF_UNIX, SOCK_DGRAM, 0)); }
static int try_packet(void) { return closing(socket(AF_PACKET, SOCK_RAW, 0)); }
static int try_ptrace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int try_signal(void) { return kill(1, 0); }
static int try_namespace(void) { return unshare(CLONE_NEWNET); }
static int try_ioctl(void) { return ioctl(STDIN_FILENO, 0x5413) == -1 && errno == ENOTTY ? 0 : -1; }
static int try_memory(void) { return munmap(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), 1 << 20); }

static int try_code(void) {
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANON, -1, 0);
    return code == MAP_FAILED ? -1 : munmap(code, 4096);
}

static int try_protect(void) {
    void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    return mprotect(data, 4096, PROT_READ | PROT_EXEC);
}

static int try_fork(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return child == -1 ? -1 : waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int try_execute(void) {
    char *arguments[] = {"true", NULL};
    return execv("/bin/true", arguments);
}

static const struct {
    const char *name;
    int (*attempt)(void);
} attempts[] = {
    {"read", try_read}, {"write", try_write}, {"create", try_create}, {"list", try_list}, {"delete", try_delete},
    {"udp", try_udp}, {"netlink", try_netlink}, {"tcp", try_tcp}, {"unix", try_unix}, {"packet", try_packet},
    {"ptrace", try_ptrace}, {"signal", try_signal}, {"namespace", try_namespace}, {"ioctl", try_ioctl},
    {"memory", try_memory}, {"code", try_code}, {"protect", try_protect}, {"fork", try_fork},
    {"execute", try_execute},
};

static int confine(const char *mode, const char *folder) {
    if (clinux_forbid_new_privileges() == -1) return -1;
    if (strcmp(mode, "files") == 0) return clinux_confine_files(folder);
    if (strcmp(mode, "calls") == 0) return clinux_confine_calls("test", 0);
    if (strcmp(mode, "kills") == 0) return clinux_confine_calls("test", 1);
    return 0;
}

static void tell(int number) {
    char text[16];
    int count = snprintf(text, sizeof text, "%d\n", number);
    if (write(STDOUT_FILENO, text, (size_t)count) != count) _exit(3);
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    if (count > 4) path = arguments[4];
    if (confine(arguments[1], arguments[2]) == -1) {
        perror(arguments[1]);
        return 4;
    }
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (strcmp(attempts[i].name, arguments[3]) != 0) continue;
        // An attempt that executes another program does not return.
        if (attempts[i].attempt == try_execute && strcmp(arguments[1], "off") == 0) tell(0);
        tell(attempts[i].attempt() == 0 ? 0 : errno);
        _exit(0);
    }
    return 2;
}
