#include "control/session.h"

#include "control/command.h"
#include "control/confine.h"
#include "control/leaving.h"
#include "control/losses.h"
#include "control/outputs.h"
#include "flow/shutdown.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/signals.h"
#include "sys/units.h"
#include "threads/movers.h"
#include "threads/reader_spill.h"
#include "transform/secrets.h"
#include "watch/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
    struct flow flow;
    struct reader reader;
    struct writer writer;
    struct movers movers;
    struct signals signals;
    struct shutdown shutdown;
    struct leaving leaving;
    struct watch watch;
    struct command command; /* with --run */
    uint64_t linger;
    bool has_lingered; /* it is known whether the command's output ends with it */
};

int fail(const char *object, int error)
{
    say("%s: %s", object, strerror(-error));
    return STATUS_FAILED;
}

/* What a signal asks for that is no wish for a report. */
static void handle_signal(struct session *session, int number, bool from_kernel)
{
    struct command *command = &session->command;
    const bool is_running = command_is_running(command);

    if (number == SIGCHLD) {
        command_collect(command, clock_now());
    } else if (number == SIGWINCH) {
        watch_resized(&session->watch);
        command_pass_on(command, number, from_kernel);
    } else if (number == SIGHUP && !(is_running && from_kernel) &&
               !movers_output_has_ended(&session->movers) && movers_reopen(&session->movers)) {
        return; /* a file has been rotated away; a lost terminal is the command's business */
    } else if (is_running) {
        command_pass_on(command, number, from_kernel);
    } else if (number != SIGUSR2) {
        /* whoever was to have last words has ended */
        const bool has_producer = !command->ended && atomic_load(&session->flow.flags.has_producer);

        shutdown_signal(&session->shutdown, number, has_producer, clock_now());
    }
}

/*
 * Take the signals that wait; the shutdown's level follows from them. Real-time signals are queued, as many as
 * 100,000, and each may cost a search of the queue: the rest are taken after the deadlines have been looked at.
 */
static void handle_signals(struct session *session)
{
    enum { AT_ONCE = 16 };
    bool wants_report = false;
    bool from_kernel;
    int number;
    int heard;

    for (heard = 0; heard < AT_ONCE; heard++) {
        number = signals_next(&session->signals, &from_kernel);
        if (!number)
            break;
        if (number == SIGUSR1)
            wants_report = true;
        else if (number != SIGIO) /* another program has set O_ASYNC on a shared descriptor */
            handle_signal(session, number, from_kernel);
    }
    if (wants_report)
        watch_report(&session->watch);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void say_troubles(struct session *session)
{
    if (!errors_are_new(&session->flow.notes.errors))
        return;
    watch_make_room(&session->watch);
    errors_say(&session->flow.notes.errors);
}

/*
 * Returns when to ask whether somebody still holds the output of a command that has ended; NEVER if it
 * need not be asked.
 */
static uint64_t linger_due(struct session *session)
{
    if (!session->command.ended || session->has_lingered || session->shutdown.level != FLOWING ||
        atomic_load(&session->flow.flags.input_has_ended))
        return NEVER;
    return clock_after(session->command.ended, session->linger);
}

/* What others still say behind the command's end is waited for no longer. */
static void stop_lingering(struct session *session, uint64_t now)
{
    if (now < linger_due(session))
        return;
    session->has_lingered = true;
    if (!command_is_held(&session->command))
        return; /* then the end has come, behind bytes that are waiting; for these there is time */
    watch_make_room(&session->watch);
    say("%s: has ended, but its output is still held open: not waited for any longer",
        quote_name(session->command.name).text);
    shutdown_signal(&session->shutdown, SIGTERM, false, now);
}

/* Until something happens, UNTIL at most: then hear signals, keep deadlines, print what there is. */
static int handle_events(struct session *session, uint64_t until)
{
    struct shutdown *shutdown = &session->shutdown;
    struct pollfd fd = {.fd = session->signals.fd, .events = POLLIN};
    const enum shutdown_level before = shutdown->level;
    int error;

    until = earliest(earliest(until, shutdown->deadline), linger_due(session));
    error =
        wait_for(&session->flow.bells.main, earliest(until, watch_due(&session->watch)), &fd, 1);
    if (error) {
        flow_set_level(&session->flow, ABANDON);
        say("cannot wait: %s", strerror(-error));
        return error;
    }
    handle_signals(session);
    stop_lingering(session, clock_now());
    shutdown_tick(shutdown, clock_now());
    if (shutdown->level != before)
        flow_set_level(&session->flow, shutdown->level);
    if (atomic_load(&session->flow.flags.input_has_ended))
        command_hang_up(&session->command);
    say_troubles(session);
    watch_tick(&session->watch, clock_now());
    return 0;
}

/* Without the means to wait: the movers have been told to leave, and their numbers are to be had. */
static void nap(struct session *session)
{
    const struct timespec moment = clock_timespec(NS_PER_MS);

    while (!movers_have_ended(&session->movers) &&
           !leaving_look(&session->leaving, &session->movers))
        nanosleep(&moment, NULL);
}

/* They have been told to; when the output has ended nothing more is wanted of the reader either. */
static bool movers_are_to_leave(struct session *session)
{
    return session->shutdown.level == ABANDON || movers_output_has_ended(&session->movers);
}

/* Until the movers have ended, or those that have not sit in calls that do not return. */
static int wait_for_movers(struct session *session)
{
    struct leaving *leaving = &session->leaving;
    int error = 0;

    while (!error && !movers_have_ended(&session->movers) && !leaving->is_over) {
        const bool are_told = movers_are_to_leave(session);

        error = handle_events(session, are_told ? leaving_due(leaving) : NEVER);
        if (!error && are_told)
            leaving_look(leaving, &session->movers);
    }
    return error;
}

/* Until the movers have ended, and the command. */
static int event_loop(struct session *session)
{
    int error = wait_for_movers(session);

    if (!error)
        command_hang_up(&session->command);
    while (!error && command_is_running(&session->command))
        error = handle_events(session, NEVER);
    if (error)
        nap(session);
    return error;
}

/* The outputs' name, and when there are several, what they are. */
static const char *name_of_output(const struct outputs *outputs)
{
    return outputs->count == 1 ? outputs->list[0].sink.name : "outputs";
}

/* The consumer went away, and nobody else is written to: that is how pipelines end. */
static bool has_lost_its_consumer(const struct outputs *outputs)
{
    const struct output *output = &outputs->list[0];

    return outputs->count == 1 && output->state == OUTPUT_FAILED && output->error == -EPIPE &&
           !dest_connects(output->sink.dest);
}

/* Everything has come to a halt: say what went wrong and what is missing; the status follows. */
static int report_outcome(struct session *session)
{
    const struct shutdown *shutdown = &session->shutdown;
    const struct quoted name = quote_name(name_of_output(&session->writer.outputs));
    const char *const output = name.text;
    const struct leaving *leaving = &session->leaving;
    const struct remains remains =
        leaving->is_over ? leaving->remains : movers_remains(&session->movers);
    const uint64_t undelivered = remains.undelivered;
    const bool has_ended = !leaving->is_over || leaving->output_has_ended;
    bool is_lost = undelivered > 0 || counter_look(&session->flow.meters.dropped) > 0;

    say_troubles(session);
    watch_end(&session->watch, &(struct rest){remains.out, remains.unread, remains.uncertain});
    losses_say_dropped(&session->flow.meters);
    if (has_ended && has_lost_its_consumer(&session->writer.outputs)) {
        command_say_end(&session->command, true);
        if (!session->signals.pipe_was_ignored)
            signals_die_of_pipe();
        say("%s: write at byte %" PRIu64 ": %s", output, counters_bytes(&session->flow.meters.out),
            strerror(EPIPE));
        return STATUS_FAILED;
    }
    is_lost = losses_say_at_risk(&session->flow.meters, output) || is_lost;
    if (leaving->is_over)
        leaving_say(leaving, &session->movers);
    if (undelivered)
        losses_say_undelivered(output, &remains, !leaving->is_over || leaving->is_exact, shutdown);
    else if (!has_ended)
        say("%s: not synced or closed within %s", output, print_time(shutdown->drain_timeout).text);
    if (errors_ever(&session->flow.notes.errors) || watch_has_failed(&session->watch) ||
        (!has_ended && !undelivered))
        return STATUS_FAILED;
    return is_lost ? STATUS_LOST : STATUS_GOOD;
}

/* FILE, which is going to be replaced, is something else as well. */
static bool is_in_use(const char *option, const char *file, const struct config *config,
                      const struct outputs *outputs)
{
    const char *const use = outputs_use_of(file, config, outputs);

    if (use)
        say("%s %s: it is %s", option, quote_name(file).text, use);
    return use;
}

/* Before a byte is read: what is to be watched, and whether that can be done. */
static int prepare_to_watch(struct session *session, const struct config *config)
{
    const struct outputs *outputs = &session->writer.outputs;
    const struct settings *settings = &config->settings;
    const struct display *display = &config->display;
    const struct watched watched = {
        .meters = &session->flow.meters,
        .checksums = &session->flow.checksums,
        .ring = session->flow.ring ? (struct sizing){settings->slab_size, settings->slab_count}
                                   : (struct sizing){0},
        .started = clock_now(),
    };
    uint64_t expected = display->expected;

    if (is_in_use("--stats-file", display->stats_file, config, outputs) ||
        is_in_use("--digest-file", display->digest_file, config, outputs))
        return -EINVAL;
    if (!expected && !config->command &&
        !source_is_all_files(&session->reader.intake.source, &expected))
        expected = 0;
    if (settings->stop_at && (!expected || expected > settings->stop_at))
        expected = settings->stop_at;
    atomic_init(&session->flow.meters.counts_lines, display->stats || display->advise);
    return watch_prepare(&session->watch, display, &watched, expected);
}

/* The status that CONFIG's command, if there is one, makes of our own. */
static int final_status(const struct session *session, const struct config *config, int status)
{
    if (!config->command || status == STATUS_USAGE || status == STATUS_CANNOT_RUN ||
        status == STATUS_NOT_FOUND)
        return status;
    if (status == STATUS_GOOD)
        return command_exit_status(&session->command);
    command_say_end(&session->command, false);
    return STATUS_RUN_FAILED;
}

/* Nothing but the command itself can be refused any more. */
static int start_command(struct session *session, const struct config *config,
                         const bool was_closed[3])
{
    const struct command_wish wish = {
        .argv = config->command,
        .stdout_only = config->run_stdout_only,
        .was_closed = was_closed,
        .mask = &session->signals.found,
    };

    session->linger = config->linger;
    switch (config->command ? command_start(&session->command, &wish) : 0) {
    case 0: return STATUS_GOOD;
    case -EAGAIN:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE: return STATUS_FAILED; /* of those it is not to blame for */
    case -ENOENT: return STATUS_NOT_FOUND;
    default: return STATUS_CANNOT_RUN;
    }
}

/* Everything is open and running: attend to it until it has ended, and take it apart. */
static int run(struct session *session, const struct config *config)
{
    const int error = event_loop(session);
    int status;

    if (error)
        command_stop(&session->command);
    status = report_outcome(session);
    if (error)
        status = STATUS_FAILED;
    /* a mover has been left behind: nothing is freed */
    if (session->leaving.is_over)
        _exit(final_status(session, config, status));
    movers_finish(&session->movers);
    return status;
}

/* All that can be refused, before a command is started and any file is changed. */
static int prepare(struct session *session, const struct config *config)
{
    const struct settings *settings = &config->settings;
    int error = reader_spill_open(&session->reader.spiller, &session->flow, &session->reader.intake,
                                  &session->reader.slab_pipes);

    if (error)
        return error;
    error = movers_prepare(&session->movers, &session->flow, &session->reader, &session->writer,
                           config->command);
    if (error)
        return error;
    error = prepare_to_watch(session, config);
    if (!error)
        error = outputs_try(&session->writer.outputs, settings);
    if (error)
        movers_finish(&session->movers);
    return error;
}

/*
 * The movers are started behind the fence around files, and wait at their gate. Once we have opened the files
 * that say what they do, the filter of calls is installed for them and for us.
 */
static int start_movers(struct session *session, const struct config *config)
{
    struct confinement confinement;
    int error;

    session->movers.tasks = tasks_open();
    confine_files(&confinement, config, &session->movers);
    error = movers_start(&session->movers);
    if (session->movers.tasks >= 0)
        close(session->movers.tasks);
    if (!error)
        confine_calls(&confinement, config, session->command.pid);
    return error;
}

/* The first steps that change files; the outputs are emptied last. 0 or -errno, which has been said. */
static int begin(struct session *session, const struct config *config)
{
    int error = start_movers(session, config);

    if (error)
        return error;
    error = watch_begin(&session->watch);
    if (!error)
        error = outputs_begin(&session->writer.outputs, &config->settings);
    if (error)
        movers_finish(&session->movers);
    return error;
}

/* Everything is set up; the signals are ours. */
static int start_and_run(struct session *session, const struct config *config,
                         const bool was_closed[3])
{
    int status;

    if (prepare(session, config))
        return STATUS_FAILED;
    status = start_command(session, config, was_closed);
    /* the command has its environment by now */
    if (config->settings.secrets)
        secrets_forget_env(config->settings.secrets);
    if (status) {
        movers_finish(&session->movers);
        command_stop(&session->command);
        return status;
    }
    if (begin(session, config)) {
        command_stop(&session->command);
        return STATUS_FAILED;
    }
    shutdown_start(&session->shutdown, config->settings.drain_timeout);
    movers_begin(&session->movers);
    return run(session, config);
}

static int run_session(struct session *session, const struct config *config,
                       const bool was_closed[3])
{
    const bool has_no_input = was_closed[STDIN_FILENO] && !config->command;
    int status = STATUS_FAILED;
    int error;

    session->flow.settings = &config->settings;
    session->signals.fd = -1;
    error = outputs_open(&session->writer.outputs, &session->flow, config, was_closed);
    if (error == -ENOTUNIQ)
        status = STATUS_USAGE;
    if (!error) {
        error = signals_take_over(&session->signals, config->command);
        if (error)
            fail("signals", error);
    }
    if (!error) {
        checksums_make(&session->flow.checksums, config->settings.digest);
        source_init(&session->reader.intake.source, config->files, config->file_count,
                    has_no_input);
        status = start_and_run(session, config, was_closed);
    }
    signals_free(&session->signals);
    outputs_free(&session->writer.outputs);
    return final_status(session, config, status);
}

int session_run(const struct config *config, const bool was_closed[3])
{
    /* too large for the stack, which kills us where it cannot grow */
    struct session *const session = calloc(1, sizeof *session);
    int status;

    if (!session) {
        fail("cannot start", -ENOMEM);
        return config->command ? STATUS_RUN_FAILED : STATUS_FAILED;
    }
    status = run_session(session, config, was_closed);
    free(session);
    return status;
}
