/* slabcat: parse, pour, report, and the exit status. The rooms behind it are in ARCHITECTURE.md. */
#include "cli/help.h"
#include "cli/options.h"
#include "cli/units.h"
#include "ends/standard.h"
#include "move/ending.h"
#include "move/pour.h"
#include "plan/planreport.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/signals.h"
#include "watch/report.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_LOST = 3 };

/* When movers are told to leave, they do so at once, unless a disk does not answer. */
static const uint64_t leaving_grace = 200 * NS_PER_MS;

static int fail(const char *object, int error)
{
    say("%s: %s", object, strerror(-error));
    return STATUS_FAILED;
}

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

/* Take the signals that wait; the ending's level follows from them. */
static void hear_signals(struct pour *pour, struct signals *signals, struct ending *ending,
                         uint64_t started)
{
    bool wants_report = false;
    int number;

    while ((number = signals_next(signals)) != 0) {
        if (number == SIGUSR1)
            wants_report = true;
        else
            ending_signal(ending, number, atomic_load(&pour->has_producer), clock_now());
    }
    if (wants_report)
        report_say(&pour->in, &pour->out, clock_now() - started);
}

/* Until the movers have ended: hear signals, keep deadlines, print troubles. */
static int conduct(struct pour *pour, struct signals *signals, struct ending *ending)
{
    const uint64_t started = clock_now();
    uint64_t leave_by = NEVER;

    while (!pour_has_ended(pour) && clock_now() < leave_by) {
        struct pollfd fd = {.fd = signals->fd, .events = POLLIN};
        const uint64_t until = ending->deadline < leave_by ? ending->deadline : leave_by;
        const enum ending_level before = ending->level;
        const int error = wait_for(&pour->main_bell, until, &fd, 1);

        if (error) {
            pour_set_level(pour, LEAVING);
            say("cannot wait: %s", strerror(-error));
            return error;
        }
        hear_signals(pour, signals, ending, started);
        ending_tick(ending, clock_now());
        if (ending->level != before)
            pour_set_level(pour, ending->level);
        /* nor is a reader waited for that a file keeps from noticing that the output has ended */
        if ((ending->level == LEAVING || pour_output_has_ended(pour)) && leave_by == NEVER)
            leave_by = clock_after(clock_now(), leaving_grace);
        troubles_say(&pour->troubles);
    }
    return 0;
}

static void say_undelivered(const char *output, uint64_t bytes, const struct ending *ending)
{
    const char *const were = bytes == 1 ? "byte was" : "bytes were";

    if (ending->level != LEAVING)
        say("%s: %" PRIu64 " %s not delivered", output, bytes, were);
    else if (ending->was_hurried)
        say("%s: %" PRIu64 " %s not delivered: told to leave at once", output, bytes, were);
    else
        say("%s: %" PRIu64 " %s not delivered within %s", output, bytes, were,
            print_time(ending->drain_timeout).text);
}

/* Everything has come to a halt: say what went wrong and what is missing; the status follows. */
static int conclude(struct pour *pour, const struct signals *signals, const struct ending *ending)
{
    const char *const output = pour->output.name;
    const bool has_ended = pour_output_has_ended(pour);
    const uint64_t undelivered = pour_undelivered(pour);

    troubles_say(&pour->troubles);
    if (has_ended && pour->output_error == -EPIPE) {
        if (!signals->pipe_was_ignored)
            signals_die_of_pipe();
        say("%s: write at byte %" PRIu64 ": %s", output, lane_bytes(&pour->out), strerror(EPIPE));
        return STATUS_FAILED;
    }
    if (undelivered)
        say_undelivered(output, undelivered, ending);
    else if (!has_ended)
        say("%s: not synced or closed within %s", output, print_time(ending->drain_timeout).text);
    if (troubles_ever(&pour->troubles) || (!has_ended && !undelivered))
        return STATUS_FAILED;
    return undelivered ? STATUS_LOST : STATUS_GOOD;
}

static int pour_all(const struct config *config, const bool was_closed[3])
{
    const struct settings *const settings = &config->settings;
    struct pour pour = {.settings = settings};
    struct signals signals = {.fd = -1};
    struct ending ending;
    int error = was_closed[STDOUT_FILENO]
                    ? -EBADF
                    : end_adopt(&pour.output, END_OUTPUT, STDOUT_FILENO, "stdout");
    int status;

    if (error)
        return fail("stdout", error);
    error = signals_take_over(&signals);
    if (error)
        return fail("signals", error);
    source_init(&pour.source, config->files, config->file_count, was_closed[STDIN_FILENO]);
    ending_start(&ending, settings->drain_timeout);
    error = pour_start(&pour, settings);
    if (error) {
        status = fail("cannot start", error);
        goto cleanup;
    }
    error = conduct(&pour, &signals, &ending);
    status = conclude(&pour, &signals, &ending);
    if (error)
        status = STATUS_FAILED;
    if (!pour_has_ended(&pour))
        _exit(status); /* a mover sits in a call that does not return; nothing can be freed */
    pour_finish(&pour);
cleanup:
    signals_free(&signals);
    return status;
}

int main(int argc, char **argv)
{
    struct config config;
    bool was_closed[3];
    int error = standard_ends_guard(was_closed);

    if (error)
        return fail("/dev/null", error);
    if (config_parse(&config, argc, argv))
        return STATUS_USAGE;
    if (config.action == ACTION_POUR)
        return pour_all(&config, was_closed);
    return print(&config, was_closed[STDOUT_FILENO]);
}
