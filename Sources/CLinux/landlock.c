#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Copied from linux/landlock.h, since the builder's headers may be older than the running kernel. The numbers are the
// same on all architectures.
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

enum {
    create_ruleset_version = 1,
    rule_path_beneath = 1,
    right_read_dir = 1 << 3,
    right_remove_file = 1 << 5,
    tcp_bind_and_connect = 3,
    scope_abstract_sockets_and_signals = 3,
};

// `struct landlock_ruleset_attr`. Older kernels, which lack the later fields, accept them if they are zero.
struct ruleset {
    uint64_t files, network, scopes;
};

struct path_beneath {
    uint64_t rights;
    int32_t folder;
} __attribute__((packed));

// Access rights by version of the ABI, the lowest bit being EXECUTE: 13 in version 1, then REFER, TRUNCATE and, in
// version 5, IOCTL_DEV.
static uint64_t rights_of(long version) {
    int count = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (UINT64_C(1) << count) - 1;
}

static int allow_in(const char *name, int ruleset) {
    int folder = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder == -1) return -1;
    struct path_beneath rule = {right_read_dir | right_remove_file, folder};
    long result = syscall(__NR_landlock_add_rule, ruleset, rule_path_beneath, &rule, 0);
    close(folder);
    return (int)result;
}

int clinux_confine_files(const char *folder) {
    long version = syscall(__NR_landlock_create_ruleset, NULL, 0, create_ruleset_version);
    if (version < 0) return -1;
    struct ruleset rules = {
        .files = rights_of(version),
        .network = version >= 4 ? tcp_bind_and_connect : 0,
        .scopes = version >= 6 ? scope_abstract_sockets_and_signals : 0,
    };
    size_t size = version >= 6 ? sizeof rules : version >= 4 ? offsetof(struct ruleset, scopes) : sizeof rules.files;
    int ruleset = (int)syscall(__NR_landlock_create_ruleset, &rules, size, 0);
    if (ruleset == -1) return -1;
    long result = folder ? allow_in(folder, ruleset) : 0;
    if (result == 0) result = syscall(__NR_landlock_restrict_self, ruleset, 0);
    int error = errno;
    close(ruleset);
    errno = error;
    return result == 0 ? 0 : -1;
}
