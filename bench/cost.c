/*
 * cost: the CPU time and the memory of one command of a pipeline, apart from the others.
 *
 *     cost FILE COMMAND...    run COMMAND and append to FILE: own_cpu_s, the seconds it computed, user
 *                             and system, and rss_kib, the most memory it had
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status = 0;
    FILE *file;
    pid_t child;

    if (argc < 3) {
        fputs("usage: cost FILE COMMAND...\n", stderr);
        return 2;
    }
    file = fopen(argv[1], "ae");
    child = file ? fork() : -1;
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    /* the pipe's ends are the command's alone */
    close(0);
    close(1);
    if (child < 0 || wait4(child, &status, 0, &used) < 0) {
        perror("cost");
        return 1;
    }
    fprintf(file, "own_cpu_s %.4f rss_kib %ld\n", seconds(used.ru_utime) + seconds(used.ru_stime),
            used.ru_maxrss);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
