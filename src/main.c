/*
 * slabcat: parse, then print what was asked for or run a session. ARCHITECTURE.md has the map of
 * the folders.
 */
#include "cli/help.h"
#include "cli/options.h"
#include "control/session.h"
#include "io/standard.h"
#include "plan/planreport.h"

#include <errno.h>
#include <unistd.h>

static void print_plan(FILE *to, const struct config *config)
{
    if (config->as_json)
        plan_print_json(to, &config->demand);
    else
        plan_print(to, &config->demand);
}

/* What is asked for instead of pouring. */
static int print(const struct config *config, bool stdout_was_closed)
{
    bool has_failed;

    if (stdout_was_closed)
        return fail("stdout", -EBADF);
    switch (config->action) {
    case ACTION_HELP: print_help(stdout); break;
    case ACTION_VERSION: print_version(stdout); break;
    case ACTION_PLAN: print_plan(stdout, config); break;
    case ACTION_POUR: break;
    }
    errno = EIO; /* of an earlier write that failed it has been forgotten why */
    has_failed = ferror(stdout) != 0;
    if (fclose(stdout) != 0 || has_failed)
        return fail("stdout", -errno);
    return STATUS_GOOD;
}

int main(int argc, char **argv)
{
    struct config config;
    bool was_closed[3];
    int status;
    int error = standard_ends_guard(was_closed);

    if (error)
        return fail("/dev/null", error);
    error = config_parse(&config, argc, argv);
    if (error)
        status = error == -ENOMEM ? STATUS_FAILED : STATUS_USAGE;
    else if (config.action == ACTION_POUR)
        status = session_run(&config, was_closed);
    else
        status = print(&config, was_closed[STDOUT_FILENO]);
    config_free(&config);
    return status;
}
