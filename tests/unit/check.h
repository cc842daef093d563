/*
 * The unit tests' frame: each TEST is a function, CHECK says what must hold in it, SKIP leaves it and
 * says why, and main prints TAP ("ok 1 - name"), which tests/run counts.
 *
 *     TEST(an_empty_ring_has_nothing_to_take) { CHECK(!ring_take(ring, 0, &span)); }
 */
#ifndef SLABCAT_CHECK_H
#define SLABCAT_CHECK_H

#include <stdbool.h>
#include <stdio.h>

struct test {
    const char *name;
    void (*body)(void);
    struct test *next;
};

static struct test *tests_first;
static struct test **tests_last = &tests_first;
static bool test_failed;
static const char *test_skipped; /* why */

#define TEST(title)                                                                                \
    static void title(void);                                                                       \
    static struct test title##_test = {#title, title, NULL};                                       \
    __attribute__((constructor)) static void title##_add(void)                                     \
    {                                                                                              \
        *tests_last = &title##_test;                                                               \
        tests_last = &title##_test.next;                                                           \
    }                                                                                              \
    static void title(void)

#define SKIP(why)                                                                                  \
    do {                                                                                           \
        test_skipped = (why);                                                                      \
        return;                                                                                    \
    } while (0)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                       \
            test_failed = true;                                                                    \
        }                                                                                          \
    } while (0)

#define CHECK_EQUAL(got, expected)                                                                 \
    do {                                                                                           \
        const unsigned long long got_ = (unsigned long long)(got);                                 \
        const unsigned long long expected_ = (unsigned long long)(expected);                       \
        if (got_ != expected_) {                                                                   \
            printf("# %s:%d: %s is %llu, not %llu\n", __FILE__, __LINE__, #got, got_, expected_);  \
            test_failed = true;                                                                    \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(got, expected)                                                                  \
    do {                                                                                           \
        const char *const got_ = (got);                                                            \
        const char *const expected_ = (expected);                                                  \
        if (strcmp(got_, expected_) != 0) {                                                        \
            printf("# %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got, got_,          \
                   expected_);                                                                     \
            test_failed = true;                                                                    \
        }                                                                                          \
    } while (0)

int main(void)
{
    const struct test *test;
    int number = 0;
    int failed = 0;

    for (test = tests_first; test; test = test->next) {
        test_failed = false;
        test_skipped = NULL;
        test->body();
        printf("%sok %d - %s%s%s\n", test_failed ? "not " : "", ++number, test->name,
               test_skipped ? " # skip " : "", test_skipped ? test_skipped : "");
        failed += test_failed;
    }
    printf("1..%d\n", number);
    return failed != 0;
}

#endif
