// launch INPUT OUTPUT PROGRAM ARGV0 ARGUMENTS...
//
// Runs PROGRAM once, between two files, and prints its exit status, nanoseconds of wall time,
// microseconds of user and system time, and its peak resident kilobytes. A program of its own, and a
// small one: Linux counts what the launching process held at exec as the launched one's peak.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int count, char **arguments) {
    posix_spawn_file_actions_t files;
    struct rusage usage;
    pid_t program;
    int status;

    if (count < 5) return 2;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, arguments[1], O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);

    long long start = nanoseconds();
    if (posix_spawn(&program, arguments[3], &files, NULL, arguments + 4, environ) != 0) return 2;
    if (wait4(program, &status, 0, &usage) != program) return 2;
    long long end = nanoseconds();

    printf("%d %lld %lld %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), end - start,
           microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss);
    return 0;
}
