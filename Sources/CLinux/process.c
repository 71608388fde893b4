#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct __user_cap_data_struct) == 12, "a word each of three sets of capabilities");

const uint64_t clinux_capability_net_admin = UINT64_C(1) << CAP_NET_ADMIN;
const uint64_t clinux_capability_net_bind_service = UINT64_C(1) << CAP_NET_BIND_SERVICE;

int clinux_fork(void) { return fork(); }

// open() takes the lowest free number, and all below `stream` are taken.
//
// Standard input does not become /dev/null: /dev/stdin would then open as an empty file, which clears an interface. It
// becomes a directory without read permission: /dev/stdin opens as a directory, which is an error. The same directory
// serves where /dev/null is missing.
void clinux_occupy_standard_streams(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) != -1) continue;
        if (stream != STDIN_FILENO && open("/dev/null", O_RDONLY) != -1) continue;
        (void)!open("/", O_PATH);
    }
}

int clinux_count_allowed_processors(int room) {
    for (; room <= 1 << 20; room *= 2) {
        cpu_set_t *set = calloc(1, room);
        if (set == NULL) return 0;
        int count = sched_getaffinity(0, room, set) == 0 ? CPU_COUNT_S(room, set) : -1;
        free(set);
        if (count != -1) return count;
        if (errno != EINVAL) return 0;
    }
    return 0;
}

int clinux_memory_file(void) { return memfd_create("stream", MFD_CLOEXEC); }

int clinux_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Up to the first number that the kernel does not know. Only CAP_SETPCAP may do it; who has it not, has
// no need: no-new-privileges keeps the bounding set from mattering.
static int drop_bounding_set(uint64_t kept) {
    for (int capability = 0; capability < 64; capability++) {
        if (kept >> capability & 1) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        return errno == EINVAL || errno == EPERM ? 0 : -1;
    }
    return 0;
}

int clinux_keep_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (drop_bounding_set(kept) < 0) return -1;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
    if (syscall(SYS_capget, &header, sets) < 0) return -1;
    for (int word = 0; word < _LINUX_CAPABILITY_U32S_3; word++) {
        sets[word].permitted &= (uint32_t)(kept >> (32 * word));
        sets[word].effective = sets[word].permitted;
        sets[word].inheritable = 0;
    }
    return syscall(SYS_capset, &header, sets) < 0 ? -1 : 0;
}
