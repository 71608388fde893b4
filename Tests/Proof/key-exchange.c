// Looks into X25519 for several keys at once, with the code itself:
//
// key-exchange reduce          every number of limbs near a border becomes the one below p that it stands for
// key-exchange constant-time   (memory sanitizer) no branch or address depends on a key or a point
// key-exchange branch          does what it must not, to show that it would be found
// key-exchange residue         nothing of a key is left on the stack
// key-exchange keep            leaves it there on purpose
#include "../../Sources/CKeyExchange/CKeyExchange.c"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#else
#define __msan_poison(start, size) (void)0
#define __msan_unpoison(start, size) (void)0
#define __msan_test_shadow(start, size) (0 * *(start))
#endif

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

// MARK: Reducing

// The limbs' number modulo p by schoolbook: bit after bit from above, doubled and added, with p taken away.
static void schoolbook(const uint64_t limb[5], uint8_t result[32]) {
    uint32_t number[9] = {0};   // 32 bits each
    for (int bit = 64 + 51 * 4 - 1; bit >= 0; bit--) {
        uint64_t carry = 0;
        for (int i = 0; i < 9; i++) {
            carry += 2ULL * number[i];
            number[i] = (uint32_t)carry;
            carry >>= 32;
        }
        // The bit's worth, from each limb that reaches up there.
        for (int i = 0; i < 5; i++)
            if (bit >= 51 * i && bit < 51 * i + 64) {
                carry = limb[i] >> (bit - 51 * i) & 1;
                for (int k = 0; k < 9; k++) {
                    carry += number[k];
                    number[k] = (uint32_t)carry;
                    carry >>= 32;
                }
            }
        for (int round = 0; round < 20; round++) {
            uint32_t less[9];
            int64_t borrow = 0;
            for (int k = 0; k < 9; k++) {
                int64_t p = k == 0 ? 0xffffffed : k < 7 ? 0xffffffff : k == 7 ? 0x7fffffff : 0;
                borrow += (int64_t)number[k] - p;
                less[k] = (uint32_t)borrow;
                borrow >>= 32;
            }
            if (borrow < 0) break;
            memcpy(number, less, sizeof number);
        }
    }
    memcpy(result, number, 32);
}

static void reduce(void) {
    static const uint64_t edges[] = {0, 1, 18, 19, 20, bits51 - 19, bits51 - 18, bits51 - 17, bits51 - 1, bits51,
                                     bits51 + 1, bits51 + 19, bits51 + (1 << 15)};
    enum { count = sizeof edges / sizeof edges[0] };
    uint64_t place[5];
    size_t all = 1;
    for (int i = 0; i < 5; i++) all *= count;
    for (size_t number = 0; number < all; number++) {
        struct lanes lanes;
        uint8_t expected[32], given[32];
        size_t rest = number;
        for (int i = 0; i < 5; i++, rest /= count) lanes.limb[i][3] = place[i] = edges[rest % count];
        struct ckeyexchange_job job = {given, given, given};
        store(&lanes, &job, 3);
        schoolbook(place, expected);
        if (memcmp(given, expected, 32)) fail("A number is not reduced as it should be");
    }
    printf("%zu numbers\n", all);
}

// MARK: Secrets

static uint8_t scalars[ckeyexchange_most][32], points[ckeyexchange_most][32], results[ckeyexchange_most][32];

static void exchange(size_t count) {
    struct ckeyexchange_job jobs[ckeyexchange_most];
    for (size_t i = 0; i < count; i++)
        jobs[i] = (struct ckeyexchange_job){scalars[i], points[i], results[i]};
    ckeyexchange_multiply(jobs, count);
}

static void fill(void) {
    for (int i = 0; i < ckeyexchange_most; i++)
        for (int k = 0; k < 32; k++) {
            scalars[i][k] = (uint8_t)((i * 32 + k) * 37 + 11);
            points[i][k] = (uint8_t)((i * 32 + k) * 53 + 5);
        }
}

static void keep_secret(int shows) {
    fill();
    __msan_poison(scalars, sizeof scalars);
    __msan_poison(points, sizeof points);
    for (size_t count = 1; count <= ckeyexchange_most; count++) {
        __msan_unpoison(results, sizeof results);
        exchange(count);
        for (size_t i = 0; i < count * 32; i++)
            if (__msan_test_shadow(&results[i / 32][i % 32], 1) == -1) fail("The sanitizer lost sight of a secret");
    }
    if (shows && results[0][0] > 9) printf("found out\n");
}

// MARK: Residue

enum { stack_size = 1 << 20 };
static uint8_t *stack;
static int keeps;

static void *work(void *nothing) {
    volatile uint8_t kept[16384];
    exchange(3);
    for (size_t i = 0; keeps && i < sizeof kept; i++) kept[i] = scalars[1][i % 32];
    return nothing;
}

static int is_left(const void *secret, size_t size) {
    for (size_t i = 0; i + 8 <= size; i += 8)
        for (size_t place = 0; place < stack_size; place += 8)
            if (memcmp(stack + place, (const uint8_t *)secret + i, 8) == 0) return 1;
    return 0;
}

// Scalars as they were given and as they are used, and what came of them, as bytes and as limbs.
static void find_residue(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    fill();
    stack = aligned_alloc(4096, stack_size);
    memset(stack, 0, stack_size);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstack(&attributes, stack, stack_size) || pthread_create(&thread, &attributes, work, NULL)) abort();
    pthread_join(thread, NULL);
    for (int i = 0; i < 3; i++) {
        struct lanes lanes;
        struct ckeyexchange_job job = {scalars[i], results[i], results[i]};
        uint64_t words[9];
        load(&lanes, &job, 0);
        for (int k = 0; k < 4; k++) words[k] = lanes.scalar[k][0];
        for (int k = 0; k < 5; k++) words[4 + k] = lanes.limb[k][0];
        if (is_left(words, sizeof words) || is_left(scalars[i], 32) || is_left(results[i], 32))
            fail("Something secret is left on the stack");
    }
}

int main(int count, char **arguments) {
    const char *mode = count == 2 ? arguments[1] : "";
    if (!ckeyexchange_is_available()) fail("This processor cannot run it");
    if (strcmp(mode, "reduce") == 0)
        reduce();
    else if (strcmp(mode, "constant-time") == 0)
        keep_secret(0);
    else if (strcmp(mode, "branch") == 0)
        keep_secret(1);
    else if (strcmp(mode, "residue") == 0)
        find_residue();
    else if (strcmp(mode, "keep") == 0)
        keeps = 1, find_residue();
    else
        fail("usage: key-exchange reduce|constant-time|branch|residue|keep");
    return 0;
}
