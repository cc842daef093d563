/* What the words become in numbers. What is refused, and how it is said, is in cli/words.bats. */
#include "cli/options.h"

#include "check.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* LINE is cut at its blanks, into argv; it stays the caller's. */
static struct config parsed(char *line)
{
    static char name[] = "slabcat";
    char *argv[64] = {name};
    struct config config;
    char *state = NULL;
    int argc = 1;
    char *word;

    for (word = strtok_r(line, " ", &state); word; word = strtok_r(NULL, " ", &state))
        argv[argc++] = word;
    CHECK(config_parse(&config, argc, argv) == 0);
    config.files = NULL; /* they were in argv */
    return config;
}

TEST(unless_given)
{
    char line[] = "";
    const struct config config = parsed(line);
    const struct settings *settings = &config.settings;

    CHECK(config.output_count == 0);
    CHECK(settings->on_full == ON_FULL_BLOCK);
    CHECK(settings->delimiter == '\n');
    CHECK(!settings->spill_dir);
    CHECK(settings->spill_limit == 1024 * MIB);
    CHECK(!settings->append && !settings->reconnect && !settings->mark_gaps);
    CHECK(settings->on_reconnect == ON_RECONNECT_RESEND);
    CHECK(settings->rate_limit == 0 && settings->burst == 0);
    CHECK(settings->start_fill == 0 && settings->stop_at == 0);
}

TEST(outputs)
{
    char line[] = "-o a.log --output=- -otcp://[::1]:syslog -o unix:a.log -o fd:3 -a --reconnect "
                  "--on-reconnect skip";
    const struct config config = parsed(line);

    CHECK(config.output_count == 5);
    CHECK(config.outputs[0].kind == DEST_PATH && strcmp(config.outputs[0].path, "a.log") == 0);
    CHECK(config.outputs[1].kind == DEST_STDOUT);
    CHECK(config.outputs[2].kind == DEST_TCP && strcmp(config.outputs[2].port, "syslog") == 0);
    CHECK(config.outputs[3].kind == DEST_UNIX && strcmp(config.outputs[3].path, "a.log") == 0);
    CHECK(config.outputs[4].kind == DEST_FD && config.outputs[4].fd == 3);
    CHECK(config.settings.append && config.settings.reconnect);
    CHECK(config.settings.on_reconnect == ON_RECONNECT_SKIP);
}

TEST(sixteen_outputs)
{
    char line[] =
        "-o 1 -o 2 -o 3 -o 4 -o 5 -o 6 -o 7 -o 8 -o 9 -o 10 -o 11 -o 12 -o 13 -o 14 -o 15 "
        "-o 16";

    CHECK(parsed(line).output_count == OUTPUTS_MAX);
}

TEST(one_host_or_one_port_is_not_one_destination)
{
    char line[] = "-o tcp://a:1 -o tcp://a:2 -o tcp://b:1 -o fd:1 -o fd:2 -o 1";

    CHECK(parsed(line).output_count == 6);
}

TEST(policies)
{
    char newest[] = "--on-full drop-newest --mark-gaps -0";
    char oldest[] = "--on-full=drop-oldest --zero-copy=never -n 2 -s 1";
    char spill[] = "--on-full spill --spill-limit 10M";
    char spill_to[] = "--on-full spill:/var/tmp:x";
    struct config config = parsed(newest);

    CHECK(config.settings.on_full == ON_FULL_DROP_NEWEST);
    CHECK(config.settings.mark_gaps && config.settings.delimiter == '\0');
    CHECK(parsed(oldest).settings.on_full == ON_FULL_DROP_OLDEST);
    config = parsed(spill);
    CHECK(config.settings.on_full == ON_FULL_SPILL && !config.settings.spill_dir);
    CHECK(config.settings.spill_limit == 10 * MIB);
    config = parsed(spill_to);
    CHECK(config.settings.on_full == ON_FULL_SPILL);
    CHECK(config.settings.spill_dir && strcmp(config.settings.spill_dir, "/var/tmp:x") == 0);
}

TEST(flow)
{
    char line[] = "-L 10M --burst 64K --start-fill 75% -S 1.5K";
    const struct config config = parsed(line);

    CHECK(config.settings.rate_limit == 10 * MIB);
    CHECK(config.settings.burst == 64 << 10);
    CHECK(config.settings.start_fill == 75);
    CHECK(config.settings.stop_at == 1536);
}

TEST(the_last_one_counts)
{
    char line[] = "-L 1 -L 2MB/s -S 1 -S 2 --start-fill 1 --start-fill 100 --on-full spill:x "
                  "--on-full spill --on-full drop-oldest --on-full block";
    const struct config config = parsed(line);

    CHECK(config.settings.rate_limit == 2000000);
    CHECK(config.settings.stop_at == 2);
    CHECK(config.settings.start_fill == 100);
    CHECK(config.settings.on_full == ON_FULL_BLOCK && !config.settings.spill_dir);
}

TEST(what_goes_together)
{
    char *const lines[] = {
        (char[]){"-o unix:x --reconnect --on-reconnect skip"},
        (char[]){"-o unix:x --zero-copy always"},
        (char[]){"-o unix:x --reconnect --on-reconnect resend"},
        (char[]){"-o x -o - -a"},
        (char[]){"-o tcp://x:1 -o x -a --reconnect"},
        (char[]){"-n 0 -o x -a -S 1"},
        (char[]){"-n 0 -o tcp://x:1"},
        (char[]){"-n 1 --on-full spill --zero-copy always"},
        (char[]){"-n 1 -L 1 --start-fill 1"},
        (char[]){"--on-full drop-newest --mark-gaps -s 256 -f 0 -m 512"},
    };
    size_t i;

    for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
        CHECK(parsed(lines[i]).action == ACTION_POUR);
}
