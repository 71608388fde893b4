#include <stddef.h>
#include <stdint.h>

// libFuzzer's own header is no part of the toolchain.
extern int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
