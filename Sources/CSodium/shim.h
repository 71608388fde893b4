#include <sodium.h>
#include <stdint.h>

/* Zeroes the stack below the frame of the caller, from the address to return to downwards: what functions left there
   that the caller had called before. The sizes need no padding for alignment between the memory and that address, in
   which something would be left. Registers that callers need not keep are zeroed as well: the dynamic linker saves
   them on the stack when a function is called for the first time. */
#define CSODIUM_ZERO_STACK(name, size) \
    static __attribute__((noinline, unused, zero_call_used_regs("all"))) void name(void) { \
        uint8_t below[(size) + 8]; \
        sodium_memzero(below, sizeof below); \
    }

/* Deeper than a handshake goes, through Swift, libsodium and libcrypto. */
CSODIUM_ZERO_STACK(csodium_zero_deep_stack, 26 << 10)
/* Deeper than libcrypto goes for a batch of packets. */
CSODIUM_ZERO_STACK(csodium_zero_shallow_stack, 6 << 10)

/* Makes the compiler keep this memory, and so the frame that it is in. */
static inline __attribute__((unused)) void csodium_keep(void *memory) {
    __asm__ volatile("" : : "r"(memory) : "memory");
}
