/* Pruning in a real directory: the newest stay, and what belongs to others does. */
#include "check.h"
#include "file/rotation.h"
#include "rotating.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *culprit;

TEST(pruning_keeps_the_newest)
{
    uint64_t i;

    start(2);
    for (i = 0; i < 5; i++)
        CHECK_EQUAL(rotate("x", MOMENT - 10 + i), 0);
    CHECK_EQUAL(rotate("one", MOMENT), 0);
    CHECK_EQUAL(rotate("two", 0), 0);
    put("app.log", "in use");
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 3);
    CHECK(holds(FIRST, "one") && holds(SECOND, "two") && holds("app.log", "in use"));
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 3);
    again(UINT64_MAX);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 3);
    again(1);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 2);
    CHECK(holds(SECOND, "two"));
    stop();
}

TEST(to_keep_0_is_to_keep_all)
{
    uint64_t i;

    start(0);
    for (i = 0; i < 20; i++)
        CHECK_EQUAL(rotate("x", MOMENT), 0);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 20);
    stop();
}

TEST(pruning_leaves_what_belongs_to_others)
{
    static const char *const foreign[] = {
        "app.log.1",
        "app.log.20001121T183203.123456Z.zst",
        "app.log.20001121T183203.123456Z.bak",
        "app.log.20001121T183203.123456z",
        "app.log.20001321T183203.123456Z",
        "app.log.20001121T183203.1234567Z",
        "App.log.20001121T183203.123456Z",
        "xapp.log.20001121T183203.123456Z",
        "other.log.20001121T183203.123456Z",
    };
    const size_t count = sizeof foreign / sizeof foreign[0];
    size_t i;

    start(1);
    for (i = 0; i < count; i++)
        put(foreign[i], "");
    CHECK_EQUAL(mkdir("app.log.20001121T183203.123456Z", 0777), 0);
    CHECK_EQUAL(symlink("app.log.1", "app.log.20001121T183203.123457Z"), 0);
    CHECK_EQUAL(mkfifo("app.log.20001121T183203.123458Z", 0666), 0);
    put("app.log.20001121T183203.123459Z", "ours");
    put(FIRST, "ours");
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK(!is_there("app.log.20001121T183203.123459Z") && is_there(FIRST));
    for (i = 0; i < count; i++)
        CHECK(is_there(foreign[i]));
    CHECK_EQUAL(entries(), count + 4);
    stop();
}

TEST(many_other_entries_are_no_trouble)
{
    char name[64];
    unsigned i;

    start(1);
    put("original", "");
    for (i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "other.%u", i);
        CHECK_EQUAL(link("original", name), 0);
    }
    for (i = 0; i < 100; i++)
        CHECK_EQUAL(rotate("x", MOMENT), 0);
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), 0);
    CHECK_EQUAL(entries(), 20002);
    CHECK(is_there("app.log.20261121T183203.123555Z"));
    stop();
}

static void try_to_prune(void)
{
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), EACCES);
    CHECK_TEXT(culprit, FIRST);
}

static void try_to_list(void)
{
    CHECK_EQUAL(-rotation_prune(rotation, &culprit), EACCES);
    CHECK_TEXT(culprit, path);
}

TEST(what_cannot_be_deleted_is_named)
{
    start(1);
    put(FIRST, "one");
    put(SECOND, "two");
    put(THIRD, "three");
    without_permission(0555, try_to_prune);
    without_permission(0333, try_to_list);
    CHECK(holds(FIRST, "one") && holds(SECOND, "two"));
    CHECK_EQUAL(entries(), 3);
    stop();
}
