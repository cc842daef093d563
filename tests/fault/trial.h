/*
 * A trial: slabcat is run once in one of the modes, with one fault or none, and what came of it is
 * kept. Whoever calls this is a process with one thread, whose current directory is the trial's
 * own: everything in it is removed first. It does not know what is right.
 */
#ifndef SLABCAT_TRIAL_H
#define SLABCAT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stalled one has an output that takes nothing until the input is empty, or until after TERM. */
enum input_kind {
    INPUT_PIPE,
    INPUT_SOCKET,
    INPUT_FILE,
    INPUT_COMMAND,
    INPUT_STALLED,
    INPUT_TERM,       /* then it takes all, while the producer is still there */
    INPUT_TERM_STUCK, /* it never does */
};

enum output_kind { OUTPUT_PIPE, OUTPUT_TWO_PIPES, OUTPUT_FILE, OUTPUT_SOCKET, OUTPUT_NAMED };

/* What the outputs are to be when all goes well. */
enum truth {
    TRUTH_SAME,   /* what a run without a fault makes of the stream, on each of them */
    TRUTH_FILES,  /* the same; a file that breaks off is followed by the next one */
    TRUTH_TOLD,   /* the beginning of it, and what is missing is told */
    TRUTH_LINES,  /* lines of it may be missing, and are counted */
    TRUTH_GZIP,   /* it, compressed */
    TRUTH_ZSTD,   /* likewise */
    TRUTH_PARTS,  /* the files together, in the order of their names */
    TRUTH_RESENT, /* pieces of it, which may overlap */
};

struct mode {
    const char *name;
    enum input_kind input;
    enum output_kind output;
    enum truth truth;
    bool insists; /* on pages: refusals are final */
    const char *files[3];
    const char *arguments[20]; /* "@tcp" stands for a listener of the trial's */
};

struct fault {
    const char *call; /* NULL: none */
    const char *how;
    unsigned at;
    bool lasts;
};

struct bytes {
    char *at;
    size_t length;
    size_t room;
};

enum { OUTPUTS_MAX = 24 };

struct outcome {
    bool is_late; /* it did not end, and has been killed */
    int status;   /* as a shell says it */
    unsigned ms;
    size_t accepted; /* by its input, of what was written to that; SIZE_MAX: nobody can know */
    struct bytes err;
    struct bytes stats;  /* of --stats-file=stats */
    struct bytes digest; /* of --digest-file=digest */
    struct bytes outputs[OUTPUTS_MAX];
    int output_count;
    bool is_reached; /* the fault has happened, on these descriptors or that path */
    int fd;
    int other;
    char path[128];
};

/* What is poured, in each mode: lines that are all different, some with a colour or a secret. */
const struct bytes *trial_stream(void);

/* The end of whatever went wrong in the trial itself is the end of the process. */
void trial_run(const char *slabcat, const char *shim, const struct mode *mode,
               const struct fault *fault, struct outcome *outcome);

void trial_forget(struct outcome *outcome);

/* The calls of each kind in the last trial. */
uint64_t trial_count(int kind);

#endif
