/* Rotation in a real directory: nothing is overwritten, and every name is later than all before. */
#include "check.h"
#include "file/rotated_name.h"
#include "file/rotation.h"
#include "rotating.h"
#include "sys/rename.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *culprit;

TEST(the_file_gets_the_time_for_a_name_and_its_own_is_free)
{
    start(0);
    CHECK_EQUAL(rotate("one", MOMENT), 0);
    CHECK(holds(FIRST, "one"));
    CHECK(!is_there("app.log"));
    CHECK_EQUAL(rotate("two", MOMENT + 1000000), 0);
    CHECK(holds(LATER, "two"));
    CHECK_EQUAL(-rotation_sync_directory(rotation), 0);
    CHECK_EQUAL(entries(), 2);
    stop();
}

TEST(the_clock_is_the_real_one)
{
    const int dir = (start(0), open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int fd = create("app.log", "now");
    const time_t before = time(NULL);
    struct rotated names;
    struct dirent *entry;
    uint64_t when = 0;
    DIR *stream;

    CHECK_EQUAL(-rotation_away(rotation, fd, &operation), 0);
    rotated_of(&names, "app.log");
    stream = fdopendir(dir);
    while ((entry = readdir(stream)))
        rotated_time(&names, entry->d_name, &when);
    /* time() may lag behind by a tick */
    CHECK(when / 1000000 + 1 >= (uint64_t)before && when / 1000000 <= (uint64_t)time(NULL) + 1);
    closedir(stream);
    close(fd);
    stop();
}

TEST(a_clock_that_stands_or_goes_back_gives_later_names_all_the_same)
{
    start(0);
    CHECK_EQUAL(rotate("one", MOMENT), 0);
    CHECK_EQUAL(rotate("two", MOMENT), 0);
    CHECK_EQUAL(rotate("three", 17), 0);
    CHECK(holds(FIRST, "one") && holds(SECOND, "two") && holds(THIRD, "three"));
    stop();
}

TEST(names_are_later_than_those_of_another_run)
{
    enter();
    put(LATER, "old");
    put("app.log.20261121T183205.000000Z.zst", "another file's");
    again(0);
    CHECK_EQUAL(rotate("new", MOMENT), 0);
    CHECK(holds(LATER, "old"));
    CHECK(holds("app.log.20261121T183204.123457Z", "new"));
    stop();
}

TEST(nothing_is_ever_overwritten)
{
    start(0);
    put(FIRST, "file"); /* behind our back, so that the renaming itself has to notice */
    CHECK_EQUAL(mkdir(SECOND, 0777), 0);
    CHECK_EQUAL(symlink("nowhere", THIRD), 0);
    CHECK_EQUAL(rotate("mine", MOMENT), 0);
    CHECK(holds(FIRST, "file"));
    CHECK(holds("app.log.20261121T183203.123459Z", "mine"));
    CHECK(!is_there("nowhere") && !is_there("app.log"));
    stop();
}

TEST(who_has_no_end_of_names_that_are_taken_is_not_fought)
{
    struct rotated names;
    char name[64];
    uint64_t i;

    start(0);
    rotated_of(&names, "app.log");
    for (i = 0; i < 1000; i++) {
        rotated_name(&names, MOMENT + i, name, sizeof name);
        put(name, "");
    }
    CHECK_EQUAL(rotate("mine", MOMENT), EEXIST);
    CHECK_TEXT(operation, "rename");
    CHECK(holds("app.log", "mine"));
    CHECK_EQUAL(entries(), 1001);
    stop();
}

TEST(behind_the_end_of_time_there_is_no_name)
{
    enter();
    put("app.log.99991231T235959.999998Z", "");
    again(0);
    CHECK_EQUAL(rotate("last", MOMENT), 0);
    CHECK(holds("app.log.99991231T235959.999999Z", "last"));
    CHECK_EQUAL(rotate("more", UINT64_MAX), EOVERFLOW);
    CHECK(holds("app.log", "more"));
    stop();
}

TEST(renaming_by_a_link_overwrites_nothing_either)
{
    int dir;

    enter();
    dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put("a", "a");
    put("b", "b");
    CHECK_EQUAL(-rename_by_link(dir, "a", "b"), EEXIST);
    CHECK_EQUAL(-rename_to_free(dir, "a", "b"), EEXIST);
    CHECK(holds("a", "a") && holds("b", "b"));
    CHECK_EQUAL(-rename_by_link(dir, "a", "c"), 0);
    CHECK(!is_there("a") && holds("c", "a"));
    CHECK_EQUAL(-rename_to_free(dir, "c", "d"), 0);
    CHECK(!is_there("c") && holds("d", "a"));
    CHECK_EQUAL(-rename_by_link(dir, "c", "e"), ENOENT);
    CHECK_EQUAL(-rename_to_free(dir, "c", "e"), ENOENT);
    close(dir);
    leave();
}

static void try_to_rename(void)
{
    const int error = away("app.log");

    /* EPERM: where it is done by a link, and nobody gets one to a file of root's */
    CHECK(error == EACCES || error == EPERM);
    CHECK_TEXT(operation, "rename");
}

TEST(what_is_not_permitted_is_said_and_changes_nothing)
{
    start(0);
    put("app.log", "mine");
    without_permission(0555, try_to_rename);
    CHECK(holds("app.log", "mine"));
    CHECK_EQUAL(entries(), 1);
    stop();
}

TEST(a_directory_that_has_gone_is_an_error_not_a_crash)
{
    int fd;

    start(1);
    fd = create("app.log", "x");
    leave();
    CHECK_EQUAL(-rotation_away_at(rotation, fd, MOMENT, &operation), ENOENT);
    CHECK_TEXT(operation, "rename");
    CHECK_EQUAL(-rotation_leftover(rotation), ENOENT);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0); /* there is nothing too many */
    rotation_free(rotation);
    rotation = NULL;
    close(fd);
}

TEST(a_directory_that_moves_takes_the_rotation_with_it)
{
    char moved[80];

    start(1);
    snprintf(moved, sizeof moved, "%s.moved", place);
    CHECK_EQUAL(rename(place, moved), 0);
    CHECK_EQUAL(rotate("one", MOMENT), 0);
    CHECK_EQUAL(rotate("two", MOMENT), 0);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK(!is_there(FIRST) && holds(SECOND, "two"));
    CHECK_EQUAL(rename(moved, place), 0);
    stop();
}

TEST(a_name_without_a_slash_is_in_the_directory_of_the_start)
{
    enter();
    CHECK_EQUAL(-rotation_make(&rotation, "app.log", 1), 0);
    put("app.log", "one");
    CHECK_EQUAL(chdir("/"), 0);
    CHECK_EQUAL(away(path), 0);
    CHECK_EQUAL(chdir(place), 0);
    CHECK(holds(FIRST, "one"));
    stop();
}

TEST(a_file_that_somebody_else_has_taken_away_stays_where_it_is)
{
    int fd;

    start(0);
    fd = create("app.log", "mine");
    CHECK_EQUAL(rename("app.log", "app.log.1"), 0);
    CHECK_EQUAL(-rotation_away_at(rotation, fd, MOMENT, &operation), ENOENT);
    put("app.log", "theirs");
    CHECK_EQUAL(-rotation_away_at(rotation, fd, MOMENT, &operation), ESTALE);
    CHECK_TEXT(operation, "rename");
    CHECK(holds("app.log.1", "mine") && holds("app.log", "theirs"));
    CHECK_EQUAL(entries(), 2);
    close(fd);
    stop();
}

TEST(what_was_left_is_found_and_can_be_rotated)
{
    int fd;

    start(0);
    CHECK_EQUAL(-rotation_leftover(rotation), ENOENT);
    put("app.log", "");
    CHECK_EQUAL(-rotation_leftover(rotation), ENOENT);
    CHECK_EQUAL(unlink("app.log"), 0);
    put("app.log", "left");
    fd = rotation_leftover(rotation);
    CHECK(fd >= 0);
    CHECK_EQUAL(-rotation_away_at(rotation, fd, MOMENT, &operation), 0);
    CHECK(holds(FIRST, "left"));
    close(fd);
    CHECK_EQUAL(mkfifo("app.log", 0666), 0);
    CHECK_EQUAL(-rotation_leftover(rotation), EINVAL);
    CHECK_EQUAL(unlink("app.log"), 0);
    CHECK_EQUAL(symlink(FIRST, "app.log"), 0);
    CHECK_EQUAL(-rotation_leftover(rotation), ELOOP);
    stop();
}

static void find_unreadable(void)
{
    const int fd = rotation_leftover(rotation);

    CHECK(fd >= 0);
    close(fd);
}

TEST(a_leftover_that_may_be_written_only_is_found_as_well)
{
    start(0);
    put("app.log", "left");
    CHECK_EQUAL(chmod("app.log", 0222), 0);
    without_permission(0555, find_unreadable);
    stop();
}

static int made(const char *at)
{
    struct rotation *fresh;
    const int error = rotation_make(&fresh, at, 0);

    if (!error)
        rotation_free(fresh);
    return -error;
}

TEST(only_files_can_be_rotated)
{
    enter();
    CHECK_EQUAL(made("a"), 0);
    CHECK_EQUAL(made("./a"), 0);
    put("file", "x");
    CHECK_EQUAL(made("file"), 0);
    CHECK_EQUAL(symlink("file", "link"), 0);
    CHECK_EQUAL(made("link"), ELOOP);
    CHECK_EQUAL(symlink("nowhere", "dangling"), 0);
    CHECK_EQUAL(made("dangling"), ELOOP);
    CHECK_EQUAL(mkdir("dir", 0777), 0);
    CHECK_EQUAL(made("dir"), EISDIR);
    CHECK_EQUAL(made("dir/"), EISDIR);
    CHECK_EQUAL(made("dir/."), EISDIR);
    CHECK_EQUAL(made("dir/.."), EISDIR);
    CHECK_EQUAL(made("/"), EISDIR);
    CHECK_EQUAL(made("dir/a"), 0);
    CHECK_EQUAL(symlink("dir", "linked"), 0);
    CHECK_EQUAL(made("linked/a"), 0);
    CHECK_EQUAL(mkfifo("fifo", 0666), 0);
    CHECK_EQUAL(made("fifo"), EINVAL);
    CHECK_EQUAL(made("/dev/null"), EINVAL);
    CHECK_EQUAL(made("file/a"), ENOTDIR);
    CHECK_EQUAL(made("nowhere/a"), ENOENT);
    CHECK_EQUAL(made(""), ENOENT);
    CHECK_EQUAL(entries(), 6); /* nothing has been created */
    leave();
}

TEST(names_that_would_be_too_long_are_refused_at_the_start)
{
    char long_name[NAME_MAX + 1] = "";
    static char deep[PATH_MAX];
    size_t length;

    enter();
    memset(long_name, 'x', NAME_MAX - ROTATED_MORE);
    CHECK_EQUAL(made(long_name), 0);
    long_name[NAME_MAX - ROTATED_MORE] = 'x';
    CHECK_EQUAL(made(long_name), ENAMETOOLONG);
    memset(long_name, 'x', NAME_MAX);
    CHECK_EQUAL(made(long_name), ENAMETOOLONG);
    length = PATH_MAX - 1 - ROTATED_MORE;
    memset(deep, '/', length);
    deep[length - 1] = 'x';
    CHECK_EQUAL(made(deep), 0);
    deep[length] = 'x';
    CHECK_EQUAL(made(deep), ENAMETOOLONG);
    leave();
}

TEST(names_may_be_of_any_bytes)
{
    static const char name[] = "%s\n\x1b[31m\xff \"-.zst";
    char rotated[128];

    enter();
    CHECK_EQUAL(-rotation_make(&rotation, name, 1), 0);
    put(name, "one");
    CHECK_EQUAL(away(name), 0);
    snprintf(rotated, sizeof rotated, "%.*s.20261121T183203.123456Z.zst", (int)sizeof name - 5,
             name);
    CHECK(holds(rotated, "one"));
    put(name, "two");
    CHECK_EQUAL(away(name), 0);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 1);
    CHECK(!is_there(rotated));
    stop();
}

TEST(what_cannot_be_synced_is_not_renamed)
{
    start(0);
    put("app.log", "x");
    CHECK_EQUAL(-rotation_away_at(rotation, -1, MOMENT, &operation), EBADF);
    CHECK_TEXT(operation, "sync");
    CHECK(holds("app.log", "x"));
    stop();
}
