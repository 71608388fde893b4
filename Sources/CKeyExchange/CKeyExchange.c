#include "CKeyExchange.h"

#if defined(__x86_64__)
#include <string.h>

#include "field.h"

bool ckeyexchange_is_available(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("bmi2");
}

// What the exchanges take in and give out: a lane's words side by side.
struct lanes {
    uint64_t scalar[4][ckeyexchange_most];
    uint64_t limb[5][ckeyexchange_most];
} __attribute__((aligned(64)));

static const uint64_t bits51 = (1ULL << 51) - 1;

// RFC 7748, section 5: of a scalar the lowest three bits and the uppermost are none and the one below that is set; of
// a point the uppermost bit is none.
static void load(struct lanes *lanes, const struct ckeyexchange_job *job, size_t lane) {
    uint64_t scalar[4], point[4];
    memcpy(scalar, job->scalar, sizeof scalar);
    memcpy(point, job->point, sizeof point);
    scalar[0] &= ~7ULL;
    scalar[3] = (scalar[3] & ~(3ULL << 62)) | 1ULL << 62;
    for (int i = 0; i < 4; i++) lanes->scalar[i][lane] = scalar[i];
    lanes->limb[0][lane] = point[0] & bits51;
    lanes->limb[1][lane] = (point[0] >> 51 | point[1] << 13) & bits51;
    lanes->limb[2][lane] = (point[1] >> 38 | point[2] << 26) & bits51;
    lanes->limb[3][lane] = (point[2] >> 25 | point[3] << 39) & bits51;
    lanes->limb[4][lane] = point[3] >> 12 & bits51;
}

// The one number below p that a lane stands for.
static void store(const struct lanes *lanes, const struct ckeyexchange_job *job, size_t lane) {
    uint64_t limb[5], word[4];
    for (int i = 0; i < 5; i++) limb[i] = lanes->limb[i][lane];
    // After two rounds the number is below 2^255 + 19.
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            limb[i + 1] += limb[i] >> 51;
            limb[i] &= bits51;
        }
        limb[0] += 19 * (limb[4] >> 51);
        limb[4] &= bits51;
    }
    // It is p or more if 19 more reach 2^255; these 19 less 2^255 are then what p takes away.
    uint64_t reaches = (limb[0] + 19) >> 51;
    for (int i = 1; i < 5; i++) reaches = (limb[i] + reaches) >> 51;
    limb[0] += 19 * reaches;
    for (int i = 0; i < 4; i++) {
        limb[i + 1] += limb[i] >> 51;
        limb[i] &= bits51;
    }
    limb[4] &= bits51;
    word[0] = limb[0] | limb[1] << 51;
    word[1] = limb[1] >> 13 | limb[2] << 38;
    word[2] = limb[2] >> 26 | limb[3] << 25;
    word[3] = limb[3] >> 39 | limb[4] << 12;
    memcpy(job->shared, word, sizeof word);
}

INLINE struct field read(const struct lanes *lanes) {
    struct field a;
    for (int i = 0; i < 5; i++) a.limb[i] = _mm512_load_si512(lanes->limb[i]);
    return a;
}

INLINE struct field small(long long number) {
    struct field a;
    for (int i = 0; i < 5; i++) a.limb[i] = i == 0 ? _mm512_set1_epi64(number) : _mm512_setzero_si512();
    return a;
}

// The Montgomery ladder of RFC 7748, section 5, with its names.
VECTORS static __attribute__((noinline)) void climb(struct lanes *lanes) {
    struct field x1 = read(lanes), x2 = small(1), z2 = small(0), x3 = x1, z3 = small(1);
    __mmask8 swapped = 0;
    for (int t = 254; t >= 0; t--) {
        vector word = _mm512_load_si512(lanes->scalar[t / 64]);
        __mmask8 bit = _mm512_test_epi64_mask(word, _mm512_set1_epi64(1LL << (t % 64)));
        swap(bit ^ swapped, &x2, &x3);
        swap(bit ^ swapped, &z2, &z3);
        swapped = bit;
        struct field a = added(x2, z2), b = subtracted(x2, z2), c = added(x3, z3), d = subtracted(x3, z3);
        struct field da = multiplied(d, a), cb = multiplied(c, b);
        x3 = squared(added(da, cb));
        z3 = multiplied(x1, squared(subtracted(da, cb)));
        struct field aa = squared(a), bb = squared(b), e = subtracted(aa, bb);
        x2 = multiplied(aa, bb);
        z2 = multiplied(e, added_times_a24(aa, e));
    }
    swap(swapped, &x2, &x3);
    swap(swapped, &z2, &z3);
    struct field u = multiplied(x2, inverted(z2));
    for (int i = 0; i < 5; i++) _mm512_store_si512(lanes->limb[i], u.limb[i]);
}

// Zeros aligned memory, even if nobody reads it again. Not by the C library: on the way to a function that is not bound
// yet, the dynamic linker saves all registers on the stack.
INLINE void wipe(void *start, size_t size) {
    for (size_t i = 0; i < size; i += sizeof(vector))
        _mm512_store_si512((uint8_t *)start + i, _mm512_setzero_si512());
    __asm__ volatile("" : : "r"(start) : "memory");
}

// What the compiler kept on the stack meanwhile.
VECTORS static __attribute__((noinline)) void wipe_stack(void) {
    uint8_t below[8192] __attribute__((aligned(64)));
    wipe(below, sizeof below);
}

VECTORS void ckeyexchange_multiply(const struct ckeyexchange_job *jobs, size_t count) {
    struct lanes lanes;
    wipe(&lanes, sizeof lanes);
    for (size_t i = 0; i < count; i++) load(&lanes, &jobs[i], i);
    climb(&lanes);
    for (size_t i = 0; i < count; i++) store(&lanes, &jobs[i], i);
    wipe(&lanes, sizeof lanes);
    wipe_stack();
}
#else
bool ckeyexchange_is_available(void) { return false; }

void ckeyexchange_multiply(const struct ckeyexchange_job *jobs, size_t count) {
    (void)jobs, (void)count;
    __builtin_trap();
}
#endif
