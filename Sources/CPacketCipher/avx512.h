// All parts of the cipher that are computed with AVX-512, in the order in which they build on each other.
#include <string.h>

#include "avx512/vectors.h"
#include "avx512/authentication.h"
#include "avx512/keystream.h"
#include "chacha20.h"
