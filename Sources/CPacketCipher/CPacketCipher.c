#include "CPacketCipher.h"

#if defined(__x86_64__)
#include "paths.h"

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi2")
        && __builtin_cpu_supports("bmi2");
}

static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }

bool cpacketcipher_is_available(enum cpacketcipher_path path) {
    __builtin_cpu_init();
    return path == cpacketcipher_avx512 ? has_avx512() : has_avx2();
}

void cpacketcipher_seal(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    path == cpacketcipher_avx512 ? seal_avx512(jobs, count, key) : seal_avx2(jobs, count, key);
}

void cpacketcipher_open(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    path == cpacketcipher_avx512 ? open_avx512(jobs, count, key) : open_avx2(jobs, count, key);
}

#else

bool cpacketcipher_is_available(enum cpacketcipher_path path) { return false; }

void cpacketcipher_seal(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    __builtin_trap();
}

void cpacketcipher_open(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    __builtin_trap();
}

#endif
