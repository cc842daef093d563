#include "sys/units.h"

#include "check.h"

#include <errno.h>
#include <string.h>

#define KIB UINT64_C(1024)

struct example {
    const char *text;
    int error;
    uint64_t number;
};

static void check_all(int (*parse)(const char *, uint64_t *), const struct example *examples,
                      size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        uint64_t number = 0;
        int error = parse(examples[i].text, &number);

        if (error != examples[i].error || (!error && number != examples[i].number)) {
            printf("# \"%s\" gives error %d, number %llu\n", examples[i].text, error,
                   (unsigned long long)number);
            CHECK(!"as expected");
        }
    }
}

#define CHECK_ALL(parse, examples)                                                                 \
    check_all(parse, examples, sizeof(examples) / sizeof(examples)[0])

TEST(percents)
{
    static const struct example examples[] = {
        {"50", 0, 50},      {"50%", 0, 50},     {"1", 0, 1},          {"100%", 0, 100},
        {"0", 0, 0},        {"101%", 0, 101},   {"2.0%", 0, 2},       {"33.3%", -EINVAL, 0},
        {"", -EINVAL, 0},   {"%", -EINVAL, 0},  {"50%%", -EINVAL, 0}, {"50 %", -EINVAL, 0},
        {"1K", -EINVAL, 0}, {"-5", -EINVAL, 0}, {"half", -EINVAL, 0},
    };
    CHECK_ALL(parse_percent, examples);
}

TEST(size_rates)
{
    static const struct example examples[] = {
        {"100", 0, 100},
        {"100/s", 0, 100},
        {"10M", 0, 10 * KIB * KIB},
        {"10M/s", 0, 10 * KIB * KIB},
        {"2.5MB/s", 0, 2500000},
        {"1KiB/s", 0, KIB},
        {"0", 0, 0},
        {"", -EINVAL, 0},
        {"/s", -EINVAL, 0},
        {"10M/h", -EINVAL, 0},
        {"10M/s/s", -EINVAL, 0},
        {"10ms", -EINVAL, 0},
    };
    CHECK_ALL(parse_size_rate, examples);
}

TEST(sizes)
{
    static const struct example examples[] = {
        {"64", 0, 64},
        {"0", 0, 0},
        {"64B", 0, 64},
        {"64K", 0, 64 * KIB},
        {"64k", 0, 64 * KIB},
        {"64KiB", 0, 64 * KIB},
        {"1M", 0, KIB * KIB},
        {"1.5M", 0, 3 * KIB * KIB / 2},
        {"0.5K", 0, 512},
        {"1.0009765625K", 0, 1025},
        {"1.00097656249999999999999999K", 0, 1024},
        {"0.000000000001T", 0, 1}, /* 1.0995 bytes */
        {"0.00000000000090T", 0, 0},
        {"2G", 0, 2 * KIB * KIB * KIB},
        {"1T", 0, KIB * KIB * KIB * KIB},
        {"64kB", 0, 64000},
        {"1MB", 0, 1000000},
        {"1.5GB", 0, 1500000000},
        {"007", 0, 7},
        {"18446744073709551615", 0, UINT64_MAX},
        {"16777215T", 0, 16777215 * KIB * KIB * KIB * KIB},
        {"18446744073709551616", -ERANGE, 0},
        {"18446744073709551617", -ERANGE, 0},
        {"16777216T", -ERANGE, 0},
        {"99999999999999999999999999", -ERANGE, 0},
        {"", -EINVAL, 0},
        {" 64K", -EINVAL, 0},
        {"64K ", -EINVAL, 0},
        {"64 K", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"abc", -EINVAL, 0},
        {"64X", -EINVAL, 0},
        {"99999999999999999999999999X", -EINVAL, 0},
        {"8Mfoo", -EINVAL, 0},
        {"1e30", -EINVAL, 0},
        {"0x40", -EINVAL, 0},
        {".5M", -EINVAL, 0},
        {"1.M", -EINVAL, 0},
        {"1.5.5M", -EINVAL, 0},
        {"64Ki", -EINVAL, 0},
        {"64kb", -EINVAL, 0},
        {"64ms", -EINVAL, 0},
        {"K", -EINVAL, 0},
        {"inf", -EINVAL, 0},
        {"nan", -EINVAL, 0},
    };

    CHECK_ALL(parse_size, examples);
}

TEST(times)
{
    static const struct example examples[] = {
        {"0", 0, 0},
        {"0.0", 0, 0},
        {"0s", 0, 0},
        {"7ns", 0, 7},
        {"50us", 0, 50000},
        {"100ms", 0, 100000000},
        {"2s", 0, 2000000000},
        {"1.5s", 0, 1500000000},
        {"1m", 0, 60000000000},
        {"1h", 0, 3600000000000},
        {"0.25us", 0, 250},
        {"5124095h", 0, 5124095 * UINT64_C(3600000000000)},
        {"5124096h", -ERANGE, 0},
        {"0.0000000001h", 0, 360},
        {"0.0000000001", -EINVAL, 0},
        {"5", -EINVAL, 0}, /* of what? */
        {"1.5", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"-1s", -EINVAL, 0},
        {"1e3s", -EINVAL, 0},
        {"10M", -EINVAL, 0},
        {"10sec", -EINVAL, 0},
        {"ms", -EINVAL, 0},
    };

    CHECK_ALL(parse_time, examples);
}

TEST(counts_and_rates)
{
    static const struct example counts[] = {
        {"8", 0, 8},
        {"10K", 0, 10000},
        {"2.5M", 0, 2500000},
        {"1G", 0, 1000000000},
        {"10K/s", -EINVAL, 0},
        {"10KiB", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"2T", 0, 2000000000000},
        {"18446744073709551616.5", -EINVAL, 0},
    };
    static const struct example rates[] = {
        {"10K", 0, 10000},     {"10K/s", 0, 10000},     {"2.5M/s", 0, 2500000},
        {"7/s", 0, 7},         {"/s", -EINVAL, 0},      {"10K/", -EINVAL, 0},
        {"10K/m", -EINVAL, 0}, {"10K/s/s", -EINVAL, 0}, {"18446744073709552K", -ERANGE, 0},
    };

    static const struct example byte_rates[] = {
        {"2.5MB/s", 0, 2500000}, {"512KiB/s", 0, 512 * KIB}, {"100B/s", 0, 100},
        {"100B", 0, 100},        {"10K/s", -EINVAL, 0},      {"10", -EINVAL, 0},
        {"B/s", -EINVAL, 0},     {"/s", -EINVAL, 0},         {"", -EINVAL, 0},
        {"1MB/m", -EINVAL, 0},   {"-1B/s", -EINVAL, 0},      {"18446745TB/s", -ERANGE, 0},
    };

    CHECK_ALL(parse_count, counts);
    CHECK_ALL(parse_rate, rates);
    CHECK_ALL(parse_byte_rate, byte_rates);
}

TEST(what_is_printed_is_read_back_the_same)
{
    static const uint64_t numbers[] = {
        0,         1, 999, 1000, 1023, 1024, 1025, 65536, 1000000, 1572864, UINT64_C(60000000000),
        UINT64_MAX};
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t back = 0;

        CHECK(parse_size(print_size(numbers[i]).text, &back) == 0);
        CHECK_EQUAL(back, numbers[i]);
        CHECK(parse_time(print_time(numbers[i]).text, &back) == 0);
        CHECK_EQUAL(back, numbers[i]);
    }
    CHECK_TEXT(print_size(65536).text, "64K");
    CHECK_TEXT(print_size(1 << 30).text, "1G");
    CHECK_TEXT(print_size(1000).text, "1000");
    CHECK_TEXT(print_time(2000000000).text, "2s");
    CHECK_TEXT(print_time(1500000000).text, "1500ms");
    CHECK_TEXT(print_time(50000).text, "50us");
}

TEST(people_get_four_digits)
{
    CHECK_TEXT(print_about_size(0).text, "0B");
    CHECK_TEXT(print_about_size(1023).text, "1023B");
    CHECK_TEXT(print_about_size(65536).text, "64KiB");
    CHECK_TEXT(print_about_size(200000).text, "195.3KiB");
    CHECK_TEXT(print_about_size(2560).text, "2.5KiB");
    CHECK_TEXT(print_about_size((1 << 20) - 1).text, "1024KiB");
    CHECK_TEXT(print_about_size(1234567890).text, "1.15GiB");
    CHECK_TEXT(print_about_size(UINT64_MAX).text, "16777216TiB");
    CHECK_TEXT(print_about_time(0).text, "0ns");
    CHECK_TEXT(print_about_time(204800000).text, "204.8ms");
    CHECK_TEXT(print_about_time(40960000).text, "40.96ms");
    CHECK_TEXT(print_about_time(999999).text, "1000us");
    CHECK_TEXT(print_about_time(1500000).text, "1.5ms");
    CHECK_TEXT(print_about_time(90 * UINT64_C(1000000000)).text, "1.5m");
    CHECK_TEXT(print_about_time(UINT64_MAX).text, "5124096h");
    CHECK_TEXT(print_about_count(999).text, "999");
    CHECK_TEXT(print_about_count(12345).text, "12.35K");
    CHECK_TEXT(print_about_count(2500000).text, "2.5M");
    CHECK_TEXT(print_about_byte_rate(0).text, "0B/s");
    CHECK_TEXT(print_about_byte_rate(409600).text, "409.6kB/s");
    CHECK_TEXT(print_about_byte_rate(2560000).text, "2.56MB/s");
    CHECK_TEXT(print_about_byte_rate(UINT64_C(1000000000000)).text, "1TB/s");
}
