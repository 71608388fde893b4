// All parts of the cipher that are computed with AVX2, in the order in which they build on each other.
#include <string.h>

#include "avx2/vectors.h"
#include "avx2/authentication.h"
#include "avx2/keystream.h"
#include "chacha20.h"
