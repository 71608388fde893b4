// The program's arguments as Glibc hands them to every initialiser.
//
// Swift's runtime finds them by reading and parsing /proc/self/maps, a tenth of the time that a short
// program runs. These two functions are the runtime's own interface for it; that they are defined
// here keeps its version out of a static link.
#ifndef CARGUMENTS_H
#define CARGUMENTS_H

char **_swift_stdlib_getUnsafeArgvArgc(int *count);
void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

#endif
