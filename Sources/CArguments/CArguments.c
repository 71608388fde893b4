#include "CArguments.h"

static int argumentCount;
static char **argumentVector;

__attribute__((constructor)) static void rememberArguments(int count, char **arguments) {
    argumentCount = count;
    argumentVector = arguments;
}

char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
    *count = argumentCount;
    return argumentVector;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count) {
    argumentCount = count;
    argumentVector = arguments;
}
