#include "tests/fault/verdict.h"

#include "tests/fault/pieces.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_USAGE = 2, STATUS_DROPPED = 3, STATUS_RUN_FAILED = 125, STATUS_NOT_FOUND = 127 };

struct scene {
    const struct mode *mode;
    const struct fault *fault;
    const struct outcome *outcome;
    const struct outcome *clean;
    char *complaint;
};

static int complain(const struct scene *scene, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(scene->complaint, COMPLAINT_MAX, format, arguments);
    va_end(arguments);
    return -1;
}

int errno_of(const char *how)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = {{"EACCES", EACCES},
                  {"EAGAIN", EAGAIN},
                  {"EBUSY", EBUSY},
                  {"ECONNREFUSED", ECONNREFUSED},
                  {"ECONNRESET", ECONNRESET},
                  {"EINTR", EINTR},
                  {"EINVAL", EINVAL},
                  {"EIO", EIO},
                  {"EMFILE", EMFILE},
                  {"ENFILE", ENFILE},
                  {"ENOENT", ENOENT},
                  {"ENOMEM", ENOMEM},
                  {"ENOSPC", ENOSPC},
                  {"ENOSYS", ENOSYS},
                  {"EOPNOTSUPP", EOPNOTSUPP},
                  {"EPERM", EPERM},
                  {"EPIPE", EPIPE},
                  {"ETIMEDOUT", ETIMEDOUT},
                  {"EXDEV", EXDEV}};
    size_t i;

    for (i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strcmp(errors[i].name, how) == 0)
            return errors[i].number;
    }
    return 0;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word) != 0)
        list++;
    return *list;
}

static bool moves_bytes(const char *call)
{
    static const char *const calls[] = {"read",     "readv",           "preadv2", "recv",   "write",
                                        "writev",   "pwritev2",        "sendmsg", "splice", "tee",
                                        "sendfile", "copy_file_range", "pread",   "pwrite", NULL};

    return is_one_of(call, calls);
}

static bool is_refusal(const char *call, const char *how)
{
    static const char *const calls[] = {"preadv2",  "pwritev2",        "splice", "tee",
                                        "sendfile", "copy_file_range", NULL};
    static const char *const hows[] = {"ENOSYS", "EPERM", "EOPNOTSUPP", "EINVAL", "EXDEV", NULL};

    return is_one_of(call, calls) && is_one_of(how, hows);
}

/* A moment's trouble, or a call that is not there: nothing may come of it. */
static bool is_harmless(const struct mode *mode, const struct fault *fault)
{
    static const char *const moments[] = {"short", "one", "EINTR", "EAGAIN", NULL};

    if (strcmp(fault->call, "clock") == 0)
        return true;
    if (moves_bytes(fault->call) && is_one_of(fault->how, moments))
        return true;
    if (strncmp(fault->call, "event_", 6) == 0)
        return true;
    if (strstr(fault->call, "poll") && strcmp(fault->how, "EINTR") == 0)
        return true;
    if (strcmp(fault->call, "waitpid") == 0 && strcmp(fault->how, "EINTR") == 0)
        return true;
    return is_refusal(fault->call, fault->how) && !mode->insists;
}

/* Standard output, or a file that -o names. */
static bool is_on_output(const struct scene *scene)
{
    const struct outcome *outcome = scene->outcome;
    const char *const slash = strrchr(outcome->path, '/');
    int i;

    for (i = 0; slash && i < 3 && scene->mode->files[i]; i++) {
        if (strcmp(slash + 1, scene->mode->files[i]) == 0)
            return true;
    }
    return outcome->fd == 1 || outcome->other == 1;
}

/* Reads and writes of the user's bytes themselves. */
static bool is_on_data(const struct scene *scene)
{
    return is_on_output(scene) || scene->outcome->fd == 0 || scene->outcome->other == 0;
}

static bool ends_output(const char *call)
{
    static const char *const calls[] = {"close", "fsync", "fdatasync", NULL};

    return is_one_of(call, calls);
}

static enum demand demand_of(const struct scene *scene)
{
    const struct fault *fault = scene->fault;
    int error;

    if (!fault->call || !scene->outcome->is_reached || is_harmless(scene->mode, fault))
        return DEMAND_SURVIVE;
    error = errno_of(fault->how);
    if ((error != EIO && error != ENOSPC) || scene->mode->truth == TRUTH_RESENT)
        return DEMAND_EITHER;
    /* a rotation begins with a look at what is there, which has written nothing */
    if (scene->mode->truth == TRUTH_PARTS && strcmp(fault->call, "close") == 0 && fault->at == 1)
        return DEMAND_EITHER;
    if ((moves_bytes(fault->call) && is_on_data(scene)) ||
        (ends_output(fault->call) && is_on_output(scene)))
        return DEMAND_FAIL;
    return DEMAND_EITHER;
}

/* The last line of STATS, or else of stderr, that is an object. */
static const char *last_object(const struct outcome *outcome)
{
    const char *text = outcome->stats.length ? outcome->stats.at : outcome->err.at;
    const char *found = NULL;

    while (text && *text) {
        if (*text == '{')
            found = text;
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return found && strchr(found, '\n') ? found : NULL;
}

static uint64_t figure(const char *object, const char *name)
{
    char key[64];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(object, key);
    return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

static size_t total_size(const struct outcome *outcome)
{
    size_t sum = 0;
    int i;

    for (i = 0; i < outcome->output_count; i++)
        sum += outcome->outputs[i].length;
    return sum;
}

/* Is there a reason, in the words of a message? */
static bool has_reason(const struct outcome *outcome)
{
    return strncmp(outcome->err.at, "slabcat: ", 9) == 0 || strstr(outcome->err.at, "\nslabcat: ");
}

/* What stderr does not take nobody is told; that alone is no failure. */
static bool cannot_speak(const struct scene *scene)
{
    const struct fault *fault = scene->fault;

    return scene->outcome->fd == 2 ||
           (fault->call && (strcmp(fault->call, "poll") == 0 ||
                            (fault->lasts && strcmp(fault->call, "write") == 0)));
}

/* Messages go to stderr, statistics are made in memory: what hits these may cost them. */
static bool may_be_silent(const struct scene *scene)
{
    static const char *const calls[] = {"malloc",   "open_memstream", "fclose", "poll",
                                        "openat",   "open",           "fopen",  "rename",
                                        "realpath", "close",          "mmap",   NULL};

    return cannot_speak(scene) || (scene->fault->call && is_one_of(scene->fault->call, calls));
}

/* What could not be opened has not been accepted; and what a pipe holds may be hidden. */
static bool cannot_count(const struct outcome *outcome)
{
    return strstr(outcome->err.at, "slabcat: stdin: open: ") ||
           (outcome->status == 1 && strstr(outcome->err.at, "stdin: count what is left: "));
}

static int check_sums(const struct scene *scene, const char *stats)
{
    const struct outcome *outcome = scene->outcome;
    const uint64_t in = figure(stats, "in_bytes");
    const uint64_t out = figure(stats, "out_bytes");
    const uint64_t undelivered = figure(stats, "undelivered_bytes");
    const uint64_t more = in + figure(stats, "added_bytes") + figure(stats, "marked_bytes");
    const uint64_t less = out + figure(stats, "removed_bytes") + figure(stats, "dropped_bytes") +
                          undelivered + figure(stats, "held_bytes");
    char words[64];

    if (more != less)
        return complain(scene, "%" PRIu64 " in, %" PRIu64 " accounted for", more, less);
    if (outcome->accepted != SIZE_MAX && !cannot_count(outcome) && in != outcome->accepted)
        return complain(scene, "%zu accepted, in is %" PRIu64, outcome->accepted, in);
    if (outcome->output_count == 1 && scene->mode->truth <= TRUTH_LINES &&
        out != outcome->outputs[0].length)
        return complain(scene, "out is %" PRIu64 ", of %zu", out, outcome->outputs[0].length);
    if (scene->mode->truth == TRUTH_PARTS && out != total_size(outcome))
        return complain(scene, "out is %" PRIu64 ", of %zu", out, total_size(outcome));
    snprintf(words, sizeof words, "%" PRIu64 " byte%s not delivered", undelivered,
             undelivered == 1 ? " was" : "s were");
    if (undelivered && outcome->status < 128 && !cannot_speak(scene) &&
        !strstr(outcome->err.at, words))
        return complain(scene, "nothing says: %s", words);
    return 0;
}

static int check_packed(const struct scene *scene, bool must_be_whole)
{
    const char *const tool = scene->mode->truth == TRUTH_ZSTD ? "zstd" : "gzip";
    struct bytes plain = unpacked(&scene->outcome->outputs[0], tool);
    int result = 0;

    if (!is_prefix(&plain, trial_stream()))
        result = complain(scene, "what is compressed is not the stream");
    else if (must_be_whole && plain.length != trial_stream()->length)
        result = complain(scene, "compressed were %zu bytes", plain.length);
    free(plain.at);
    return result;
}

static int check_outputs(const struct scene *scene, bool must_be_whole)
{
    const struct outcome *outcome = scene->outcome;
    const struct bytes *stream = trial_stream();
    size_t reach;
    int i;

    switch (scene->mode->truth) {
    case TRUTH_GZIP:
    case TRUTH_ZSTD: return check_packed(scene, must_be_whole);
    case TRUTH_LINES:
        if (!are_lines_of(&outcome->outputs[0], stream) && outcome->status % 125 != 1)
            return complain(scene, "what came out is not lines of the stream");
        return 0;
    case TRUTH_RESENT:
        reach = covered(outcome, stream);
        if (reach == SIZE_MAX || (must_be_whole && reach != stream->length))
            return complain(scene, "what has arrived is not the stream: %zu", reach);
        return 0;
    case TRUTH_FILES:
        if (!are_beginnings_of(&outcome->outputs[0], stream))
            return complain(scene, "what came out is not the files");
        if (must_be_whole && outcome->outputs[0].length != scene->clean->outputs[0].length)
            return complain(scene, "of the files came %zu bytes", outcome->outputs[0].length);
        return 0;
    case TRUTH_TOLD:
        if (!is_prefix(&outcome->outputs[0], stream) ||
            (must_be_whole && outcome->outputs[0].length != stream->length))
            return complain(scene, "of the stream came %zu bytes", outcome->outputs[0].length);
        return 0;
    case TRUTH_SAME:
    case TRUTH_PARTS: break;
    }
    for (i = 0; i < outcome->output_count; i++) {
        const struct bytes *whole = &scene->clean->outputs[i];

        if (!is_prefix(&outcome->outputs[i], whole))
            return complain(scene, "output %d is not a part of the stream", i);
        if (must_be_whole && outcome->outputs[i].length != whole->length)
            return complain(scene, "output %d has %zu bytes", i, outcome->outputs[i].length);
    }
    return 0;
}

/* A library that cannot be loaded is one that is not there; secrets are read with the options. */
static bool is_of_options(const struct outcome *outcome)
{
    return outcome->status == STATUS_USAGE && total_size(outcome) == 0 &&
           (strstr(outcome->err.at, "libcrypto") || strstr(outcome->err.at, "--redact"));
}

/*
 * libcrypto 3.0 dies of it when it has no memory for what it sets up, before slabcat has taken a byte:
 * gdb shows EVP_MD_fetch in all of these.
 */
static bool died_in_libcrypto(const struct scene *scene)
{
    const char *const *argument;
    bool has_digest = false;

    for (argument = scene->mode->arguments; *argument; argument++)
        has_digest = has_digest || strncmp(*argument, "--digest", strlen("--digest")) == 0;
    return has_digest && scene->outcome->status == 128 + SIGSEGV && scene->fault->call &&
           strcmp(scene->fault->call, "malloc") == 0 && total_size(scene->outcome) == 0;
}

static bool is_known_status(const struct scene *scene)
{
    const int status = scene->outcome->status;
    const bool is_run = scene->mode->input == INPUT_COMMAND;

    if (status == 0 || (status == 1 && !is_run) || died_in_libcrypto(scene))
        return true;
    if (status == STATUS_USAGE)
        return is_of_options(scene->outcome);
    if (status == STATUS_DROPPED)
        return scene->mode->truth == TRUTH_LINES || scene->mode->truth == TRUTH_RESENT ||
               scene->mode->truth == TRUTH_TOLD;
    if (status == 128 + SIGPIPE)
        return scene->fault->call && errno_of(scene->fault->how) == EPIPE;
    return is_run && status >= STATUS_RUN_FAILED && status <= STATUS_NOT_FOUND;
}

/*
 * Where in TEXT it says that something, which ends with OPERATION, failed at a byte for REASON: at
 * the number. NULL: it does not.
 */
static const char *place_of(const char *text, const char *operation, const char *reason)
{
    char words[64];

    snprintf(words, sizeof words, "%s at byte ", operation);
    while ((text = strstr(text, words))) {
        const char *const number = text + strlen(words);
        const char *const end = number + strspn(number, "0123456789");

        if (strncmp(end, ": ", 2) == 0 && strncmp(end + 2, reason, strlen(reason)) == 0)
            return number;
        text = end;
    }
    return NULL;
}

/* "object: operation at byte N: reason", and N is where it stands. */
static int check_message(const struct scene *scene)
{
    const struct outcome *outcome = scene->outcome;
    const char *const reason = strerror(errno_of(scene->fault->how));
    const char *const written = place_of(outcome->err.at, "stdout: write", reason);
    const bool is_alone = outcome->output_count == 1 && scene->mode->truth == TRUTH_SAME;

    if (!moves_bytes(scene->fault->call))
        return strstr(outcome->err.at, reason) ? 0 : complain(scene, "nothing says: %s", reason);
    if (!place_of(outcome->err.at, "", reason))
        return complain(scene, "no message says where and why: %s", reason);
    if (is_alone && written && strtoull(written, NULL, 10) != outcome->outputs[0].length)
        return complain(scene, "byte %llu in the message, %zu in the output",
                        strtoull(written, NULL, 10), outcome->outputs[0].length);
    return 0;
}

static int check_status(const struct scene *scene)
{
    const struct outcome *outcome = scene->outcome;
    const enum demand demand = demand_of(scene);
    const bool drops = scene->mode->truth == TRUTH_LINES;

    if (outcome->is_late)
        return complain(scene, "does not end");
    if (!is_known_status(scene))
        return complain(scene, "status %d", outcome->status);
    if (demand == DEMAND_SURVIVE && outcome->status != scene->clean->status &&
        !is_of_options(outcome) &&
        !(drops && (outcome->status == 0 || outcome->status == STATUS_DROPPED)))
        return complain(scene, "status %d, it could go on", outcome->status);
    if (demand == DEMAND_FAIL && (!outcome->status || outcome->status == STATUS_DROPPED))
        return complain(scene, "status %d, the error is forgotten", outcome->status);
    if (demand == DEMAND_FAIL && check_message(scene))
        return -1;
    if (outcome->status && outcome->status < 128 && !cannot_speak(scene) && !has_reason(outcome))
        return complain(scene, "status %d, without a word", outcome->status);
    return 0;
}

static int check_stats(const struct scene *scene)
{
    const struct outcome *outcome = scene->outcome;
    const char *const stats = last_object(outcome);

    /* those of the beginning are what a file has that cannot be replaced at the end */
    if (stats && strstr(stats, "\"ended\":true"))
        return check_sums(scene, stats);
    if (outcome->status >= 128)
        return 0;
    if (is_of_options(outcome) || (outcome->status && strstr(outcome->err.at, "stats: write: ")))
        return 0;
    if (outcome->status == 0 && !cannot_speak(scene))
        return complain(scene, "status 0, but no statistics");
    if (total_size(outcome) > 0 && !may_be_silent(scene))
        return complain(scene, "status %d after %zu bytes, but no statistics", outcome->status,
                        total_size(outcome));
    return 0;
}

static int check_digest(const struct scene *scene)
{
    const struct outcome *outcome = scene->outcome;

    if (outcome->status || is_same(&outcome->digest, &scene->clean->digest))
        return 0;
    return complain(scene, "not the checksum: %s", outcome->digest.at);
}

int judge(const struct mode *mode, const struct fault *fault, const struct outcome *outcome,
          const struct outcome *clean, char complaint[COMPLAINT_MAX])
{
    const struct scene scene = {mode, fault, outcome, clean, complaint};
    const bool packs = mode->truth == TRUTH_GZIP || mode->truth == TRUTH_ZSTD;

    complaint[0] = '\0';
    if (check_status(&scene) || check_outputs(&scene, outcome->status == 0) || check_stats(&scene))
        return -1;
    return packs ? 0 : check_digest(&scene);
}
