/*
 * What the user says: the option table, and argv turned into a struct config.
 *
 * Everything that can be wrong with the words is found here, before a byte is read. config_parse
 * says what is wrong itself, in one line, with the value quoted and the range named.
 */
#ifndef SLABCAT_OPTIONS_H
#define SLABCAT_OPTIONS_H

#include "config/settings.h"
#include "plan/demand.h"
#include "sink/dest.h"
#include "watch/display.h"

#include <stdbool.h>
#include <stddef.h>

/* Where secrets are read from: so many variables and files at most. */
enum { SECRET_SOURCES_MAX = 64 };

struct secret_source {
    const char *name;
    bool is_file; /* or a variable of the environment */
};

enum action { ACTION_POUR, ACTION_PLAN, ACTION_HELP, ACTION_VERSION };

struct config {
    enum action action;
    struct settings settings;
    struct dest outputs[OUTPUTS_MAX]; /* their names are in argv */
    int output_count;                 /* 0: none has been named, which means stdout */
    struct display display;
    struct demand demand; /* with ACTION_PLAN; then the operands are its words, not files */
    bool as_json;
    struct secret_source secret_sources[SECRET_SOURCES_MAX];
    int secret_source_count;
    char **command; /* --run; NULL: there is none */
    bool run_stdout_only;
    uint64_t linger;     /* ns */
    bool has_no_sandbox; /* by request */
    char **files;        /* in argv, where they have been moved to the front */
    int file_count;
};

/* 0, or -errno after having said why. Secrets have been read then, if there are any. */
int config_parse(struct config *config, int argc, char **argv);

/* What config_parse has got, also when it has failed. */
void config_free(struct config *config);

enum option_id {
    OPTION_GROUP,
#define GROUP(heading)
#define OPTION(id, short, long, argument, help) OPTION_##id,
#define DETAIL(id, short, long, argument, help) OPTION_##id,
#include "cli/options.def"
#undef GROUP
#undef OPTION
#undef DETAIL
    OPTION_COUNT
};

/* A row of the table; with id OPTION_GROUP only the help is set: it is the group's heading. */
struct option_row {
    enum option_id id;
    char short_name;
    const char *long_name;
    const char *argument;
    const char *help;
    bool is_detail; /* not in --help */
};

/* The row's argument may be left out: it is in brackets. */
bool option_is_optional(const struct option_row *row);

extern const struct option_row option_rows[];
extern const size_t option_row_count;

#endif
