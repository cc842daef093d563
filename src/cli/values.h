/*
 * The values of options, each turned into a number or a policy.
 *
 * Each function takes the VALUE that was given for ROW: 0, or -EINVAL after having said what is
 * wrong with it, in one line, with the value quoted and the range named. What an option's value
 * means beside those of others is not known here, but in check.h. The main thread's, before there
 * are others.
 */
#ifndef SLABCAT_VALUES_H
#define SLABCAT_VALUES_H

#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>

/* From 1 to MOST bytes. */
int take_size(const struct option_row *row, const char *value, uint64_t most, uint64_t *size);

/* From LEAST ns to a day. */
int take_time(const struct option_row *row, const char *value, uint64_t least, uint64_t *ns);

/* From 0 to MOST. */
int take_count(const struct option_row *row, const char *value, uint64_t most, uint64_t *count);

/* From 1 to 1 TB/s: settings.rate_limit. */
int take_rate(const struct option_row *row, const char *value, uint64_t *bytes_per_second);

/* From 1 to 100. */
int take_percent(const struct option_row *row, const char *value, unsigned *percent);

/* One more output. The same destination twice would get its bytes mixed with themselves. */
int take_output(const struct option_row *row, const char *value, struct config *config);

/* A text to call something by, and a file that is no standard stream. */
int take_name(const struct option_row *row, const char *value, const char **name);
int take_path(const struct option_row *row, const char *value, const char **path);

/* What is to be masked is in the variable, or in the file: another source of secrets. */
int take_secret_source(const struct option_row *row, const char *value, bool is_file,
                       struct config *config);

/* What stands in front of lines: the time, and a text without control characters. */
int take_timestamp(const struct option_row *row, const char *value, struct stamp_settings *stamp);
int take_prefix(const struct option_row *row, const char *value, const char **prefix);

/* What there is a library for. */
int take_digest(const struct option_row *row, const char *value, const char **algorithm);
int take_digest_file(const struct option_row *row, const char *value, struct config *config);
int take_compress(const struct option_row *row, const char *value, struct settings *settings);

/* Of old files 1 at least. */
int take_keep(const struct option_row *row, const char *value, uint64_t *count);

int take_flush_interval(const struct option_row *row, const char *value, uint64_t *ns);
int take_pipe_size(const struct option_row *row, const char *value, struct settings *settings);
int take_on_full(const struct option_row *row, const char *value, struct settings *settings);
int take_on_reconnect(const struct option_row *row, const char *value, enum on_reconnect *policy);
int take_zero_copy(const struct option_row *row, const char *value, enum zero_copy *policy);
int take_progress(const struct option_row *row, const char *value, enum progress_policy *policy);
int take_stats(const struct option_row *row, const char *value, struct display *display);

#endif
