#include "sys/spawn.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is used where there is no $PATH at all. */
static const char *const usual_path = "/bin:/usr/bin";

struct recipe {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const *argv;
};

/* PATH is a script without a first line that says whose: as sh PATH ARG... */
static int start_script(pid_t *pid, const char *path, const struct recipe *recipe)
{
    static char shell[] = "/bin/sh";
    size_t count = 1;
    char **argv;
    int error;

    while (recipe->argv[count])
        count++;
    argv = calloc(count + 2, sizeof *argv);
    if (!argv)
        return -ENOMEM;
    argv[0] = shell;
    argv[1] = (char *)path;
    memcpy(argv + 2, recipe->argv + 1, (count - 1) * sizeof *argv);
    error = -posix_spawn(pid, shell, &recipe->actions, &recipe->attributes, argv, environ);
    free(argv);
    return error;
}

static int start(pid_t *pid, const char *path, const struct recipe *recipe)
{
    const int error =
        -posix_spawn(pid, path, &recipe->actions, &recipe->attributes, recipe->argv, environ);

    return error == -ENOEXEC ? start_script(pid, path, recipe) : error;
}

/* It is not there: the next directory may have it. */
static bool is_elsewhere(int error)
{
    return error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG || error == -ESTALE ||
           error == -ENODEV || error == -ETIMEDOUT || error == -EACCES;
}

static int search(pid_t *pid, const char *directories, const struct recipe *recipe)
{
    const char *const name = recipe->argv[0];
    int result = -ENOENT;
    char path[PATH_MAX];

    for (;;) {
        const size_t length = strcspn(directories, ":");
        /* an empty one is the current one */
        const int needs = snprintf(path, sizeof path, "%.*s%s%s", (int)length, directories,
                                   length ? "/" : "./", name);
        int error = -ENAMETOOLONG;

        if (needs < (int)sizeof path)
            error = start(pid, path, recipe);
        if (!is_elsewhere(error))
            return error;
        if (error == -EACCES)
            result = error; /* one that may not be run is news, unless there is a better one */
        if (!directories[length])
            return result;
        directories += length + 1;
    }
}

static int set_ends(posix_spawn_file_actions_t *actions, const struct spawn_ends *ends)
{
    int error = 0;
    int fd;

    for (fd = STDIN_FILENO; fd <= STDERR_FILENO && !error; fd++) {
        if (ends->fds[fd] < 0)
            error = posix_spawn_file_actions_addclose(actions, fd);
        else if (ends->fds[fd] != fd)
            error = posix_spawn_file_actions_adddup2(actions, ends->fds[fd], fd);
    }
    return -error;
}

static int set_mask(posix_spawnattr_t *attributes, const sigset_t *mask)
{
    const int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);

    return -(error ? error : posix_spawnattr_setsigmask(attributes, mask));
}

int spawn(pid_t *pid, char *const *argv, const struct spawn_ends *ends, const sigset_t *mask)
{
    const char *const path = getenv("PATH");
    struct recipe recipe = {.argv = argv};
    int error = -posix_spawn_file_actions_init(&recipe.actions);

    if (error)
        return error;
    error = -posix_spawnattr_init(&recipe.attributes);
    if (error)
        goto free_actions;
    error = set_ends(&recipe.actions, ends);
    if (!error)
        error = set_mask(&recipe.attributes, mask);
    if (!error)
        error = strchr(argv[0], '/') ? start(pid, argv[0], &recipe)
                                     : search(pid, path ? path : usual_path, &recipe);
    posix_spawnattr_destroy(&recipe.attributes);
free_actions:
    posix_spawn_file_actions_destroy(&recipe.actions);
    return error;
}
