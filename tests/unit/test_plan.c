#include "plan/plan.h"

#include "check.h"

#define KIB UINT64_C(1024)
#define MS  UINT64_C(1000000)

/* Whether ROOM bytes a NS keep up with RATE, decided without the code under test: 128 bits wide. */
struct wide {
    uint64_t high, low;
};

static struct wide multiply(uint64_t a, uint64_t b)
{
    const uint64_t mask = UINT32_MAX;
    const uint64_t low = (a & mask) * (b & mask);
    const uint64_t cross = (a >> 32) * (b & mask) + (low >> 32);
    const uint64_t other = (a & mask) * (b >> 32) + (cross & mask);

    return (struct wide){(a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32),
                         (other << 32) | (low & mask)};
}

static bool at_least(struct wide a, struct wide b)
{
    return a.high > b.high || (a.high == b.high && a.low >= b.low);
}

/* BYTES hold what comes in at RATE within NS. */
static bool holds(uint64_t bytes, uint64_t rate, uint64_t ns)
{
    return at_least(multiply(bytes, 1000000000), multiply(rate, ns));
}

/* splitmix64; the numbers are spread evenly over the orders of magnitude up to MOST. */
static uint64_t random_number(uint64_t *seed, uint64_t most)
{
    uint64_t number = (*seed += UINT64_C(0x9e3779b97f4a7c15));

    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    number ^= number >> 31;
    return (number >> (number % 50)) % most + 1;
}

static struct workload random_workload(uint64_t *seed)
{
    return (struct workload){random_number(seed, PLAN_RATE_MAX), random_number(seed, PLAN_TIME_MAX),
                             random_number(seed, PLAN_TIME_MAX)};
}

TEST(what_comes_in_during_a_write_and_the_slab_for_it)
{
    static const struct {
        uint64_t messages, size, ms, bytes, slab;
    } cells[] = {{10000, 256, 1, 2560, 4 * KIB},
                 {10000, 256, 10, 25600, 32 * KIB},
                 {50000, 256, 1, 12800, 16 * KIB},
                 {50000, 256, 10, 128000, 128 * KIB},
                 {100000, 200, 10, 200000, 256 * KIB}};
    size_t i;

    for (i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        const struct workload workload = {cells[i].messages * cells[i].size, cells[i].ms * MS, 0};

        CHECK_EQUAL(plan_bytes(workload.rate, workload.latency), cells[i].bytes);
        CHECK_EQUAL(plan_slab_size(&workload), cells[i].slab);
    }
}

TEST(the_slabs_that_absorb_a_stall_and_one_in_hand)
{
    static const struct {
        uint64_t messages, size, ms, slab, count;
    } cells[] = {{10000, 256, 50, 64 * KIB, 2 + 1},
                 {10000, 256, 200, 64 * KIB, 8 + 1},
                 {50000, 256, 100, 64 * KIB, 20 + 1},
                 {100000, 200, 100, 256 * KIB, 8 + 1}};
    size_t i;

    for (i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        const struct workload workload = {cells[i].messages * cells[i].size, 0, cells[i].ms * MS};

        CHECK_EQUAL(plan_slab_count(&workload, cells[i].slab), cells[i].count);
    }
}

TEST(what_a_ring_absorbs)
{
    static const struct {
        uint64_t slab, count, memory, rate, tolerance, guarantee;
    } cells[] = {{64 * KIB, 8, 512 * KIB, 2560000, 204800000, 179200000},
                 {64 * KIB, 8, 512 * KIB, 12800000, 40960000, 35840000},
                 {64 * KIB, 16, KIB * KIB, 12800000, 81920000, 76800000},
                 {16 * KIB, 4, 64 * KIB, 256000, 256000000, 192000000},
                 {256 * KIB, 8, 2 * KIB * KIB, 20000000, 104857600, 91750400}};
    size_t i;

    for (i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        const struct sizing sizing = {cells[i].slab, cells[i].count};

        CHECK_EQUAL(plan_memory(&sizing), cells[i].memory);
        CHECK_EQUAL(plan_tolerance(&sizing, cells[i].rate), cells[i].tolerance);
        CHECK_EQUAL(plan_guarantee(&sizing, cells[i].rate), cells[i].guarantee);
    }
}

TEST(the_least_and_what_is_recommended)
{
    const struct workload small = {2560000, 1 * MS, 200 * MS};
    const struct workload large = {2560000, 10 * MS, 200 * MS};
    const struct workload calm = {100, 0, 0};

    CHECK_EQUAL(plan_least(&small).slab_size, 4 * KIB);
    CHECK_EQUAL(plan_least(&small).slab_count, 125 + 1);
    CHECK_EQUAL(plan_recommended(&small).slab_size, 16 * KIB);
    CHECK_EQUAL(plan_recommended(&small).slab_count, 32 + 1);
    CHECK_EQUAL(plan_least(&large).slab_size, 32 * KIB);
    CHECK_EQUAL(plan_recommended(&large).slab_count, 16 + 1);
    CHECK_EQUAL(plan_least(&calm).slab_size, 4 * KIB);
    CHECK_EQUAL(plan_least(&calm).slab_count, 2);
}

TEST(what_is_exact_is_not_rounded_up)
{
    const struct workload exact = {UINT64_C(65536) * 1000, 1 * MS, 8 * MS};
    const struct workload above = {UINT64_C(65536) * 1000 + 1, 1 * MS, 8 * MS};

    CHECK_EQUAL(plan_slab_size(&exact), 64 * KIB);
    CHECK_EQUAL(plan_slab_count(&exact, 64 * KIB), 8 + 1);
    CHECK_EQUAL(plan_slab_size(&above), 128 * KIB);
    CHECK_EQUAL(plan_slab_count(&above, 64 * KIB), 9 + 1);
}

TEST(both_formulas_hold_for_any_workload)
{
    uint64_t seed = 5;
    int possible = 0;
    int i;

    for (i = 0; i < 200000; i++) {
        const struct workload workload = random_workload(&seed);
        const struct sizing plans[] = {plan_least(&workload), plan_recommended(&workload)};
        int k;

        for (k = 0; k < 2; k++) {
            const uint64_t size = plans[k].slab_size;
            const uint64_t count = plans[k].slab_count;

            CHECK(holds(size, workload.rate, workload.latency));
            CHECK(holds((count - 1) * size, workload.rate, workload.stall));
            CHECK(count == 2 || !holds((count - 2) * size, workload.rate, workload.stall));
            CHECK((size & (size - 1)) == 0 && size >= PLAN_SLAB_MIN);
            CHECK(plan_guarantee(&plans[k], workload.rate) >= workload.stall);
            CHECK(plan_sustained(&plans[k], workload.latency) >= workload.rate);
        }
        CHECK(plans[1].slab_size >= PLAN_SLAB_RECOMMENDED_MIN);
        CHECK_EQUAL(plan_is_possible(&plans[0]), plan_is_possible(&plans[1]));
        possible += plan_is_possible(&plans[0]);
    }
    CHECK(possible > 20000 && possible < 180000);
}

TEST(bytes_and_time_are_exact)
{
    uint64_t seed = 7;
    int i;

    for (i = 0; i < 200000; i++) {
        const uint64_t rate = random_number(&seed, PLAN_RATE_MAX);
        const uint64_t ns = random_number(&seed, PLAN_TIME_MAX);
        const uint64_t bytes = plan_bytes(rate, ns);
        const uint64_t time = plan_time(bytes, rate);

        CHECK(holds(bytes, rate, ns) && !holds(bytes - 1, rate, ns));
        CHECK(time >= ns && holds(bytes, rate, time) && !holds(bytes, rate, time + 1));
    }
}

TEST(more_of_anything_never_needs_less)
{
    uint64_t seed = 11;
    int i;

    for (i = 0; i < 100000; i++) {
        const struct workload less = random_workload(&seed);
        const struct workload more = {less.rate + (PLAN_RATE_MAX - less.rate) / 3,
                                      less.latency + (PLAN_TIME_MAX - less.latency) / 7,
                                      less.stall + (PLAN_TIME_MAX - less.stall) / 5};
        const struct sizing small = {4096, 4};
        const struct sizing large = {8192, 5};

        CHECK(plan_slab_size(&more) >= plan_slab_size(&less));
        CHECK(plan_slab_count(&more, 65536) >= plan_slab_count(&less, 65536));
        CHECK(plan_slab_count(&less, 65536) >= plan_slab_count(&less, 131072));
        CHECK(plan_tolerance(&small, more.rate) <= plan_tolerance(&small, less.rate));
        CHECK(plan_guarantee(&large, less.rate) >= plan_guarantee(&small, less.rate));
        CHECK(plan_sustained(&large, less.latency) >= plan_sustained(&small, less.latency));
    }
}

TEST(a_budget_is_never_exceeded_and_never_wasted)
{
    uint64_t seed = 13;
    int i;

    for (i = 0; i < 200000; i++) {
        const struct workload workload = random_workload(&seed);
        const uint64_t budget = random_number(&seed, PLAN_MEMORY_MAX) + 2 * PLAN_SLAB_MIN - 1;
        const struct sizing plan = plan_within(&workload, budget);
        const struct sizing recommended = plan_recommended(&workload);

        CHECK(plan_memory(&plan) <= budget);
        CHECK(plan_is_possible(&plan));
        CHECK(plan.slab_count >= 2 && plan.slab_size >= PLAN_SLAB_MIN);
        CHECK((plan.slab_size & (plan.slab_size - 1)) == 0);
        if (plan_is_possible(&recommended) && plan_memory(&recommended) <= budget) {
            CHECK_EQUAL(plan.slab_size, recommended.slab_size);
            CHECK_EQUAL(plan.slab_count, recommended.slab_count);
        }
        /* the stall is given up only when the smallest slabs do not absorb it either */
        if (plan_guarantee(&plan, workload.rate) < workload.stall) {
            const uint64_t most = budget / PLAN_SLAB_MIN;
            const struct sizing finest = {PLAN_SLAB_MIN,
                                          most < PLAN_COUNT_MAX ? most : PLAN_COUNT_MAX};

            CHECK(plan_guarantee(&finest, workload.rate) < workload.stall);
        }
    }
}

TEST(within_a_budget_the_slab_size_gives_way_first)
{
    const struct workload workload = {2560000, 10 * MS, 200 * MS}; /* 17 x 32K recommended */
    static const struct {
        uint64_t budget, size, count;
    } cells[] = {{544 * KIB, 32 * KIB, 17}, {543 * KIB, 16 * KIB, 33}, {520 * KIB, 8 * KIB, 64},
                 {504 * KIB, 4 * KIB, 126}, {503 * KIB, 32 * KIB, 15}, {64 * KIB, 32 * KIB, 2},
                 {63 * KIB, 16 * KIB, 3},   {8 * KIB, 4 * KIB, 2}};
    size_t i;

    for (i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        CHECK_EQUAL(plan_within(&workload, cells[i].budget).slab_size, cells[i].size);
        CHECK_EQUAL(plan_within(&workload, cells[i].budget).slab_count, cells[i].count);
    }
}

TEST(a_count_that_is_given_makes_the_slabs_larger)
{
    const struct workload workload = {2560000, 10 * MS, 200 * MS};

    CHECK_EQUAL(plan_of_count(&workload, 64).slab_size, 32 * KIB);
    CHECK_EQUAL(plan_of_count(&workload, 17).slab_size, 32 * KIB);
    CHECK_EQUAL(plan_of_count(&workload, 16).slab_size, 64 * KIB);
    CHECK_EQUAL(plan_of_count(&workload, 2).slab_size, 512 * KIB);
    CHECK_EQUAL(plan_of_count(&workload, 1).slab_size, 32 * KIB);
    CHECK_EQUAL(plan_of_count(&workload, 1).slab_count, 1);
    CHECK_EQUAL(plan_guarantee(&(struct sizing){32 * KIB, 1}, workload.rate), 0);
}

TEST(slabs_are_larger_where_there_would_be_too_many)
{
    const struct workload workload = {1000000000, 0, 100000 * MS}; /* 100 s at 1 GB/s */

    CHECK_EQUAL(plan_least(&workload).slab_size, 2048 * KIB);
    CHECK_EQUAL(plan_least(&workload).slab_count, 47684 + 1);
}

TEST(the_limits)
{
    const struct workload most = {PLAN_RATE_MAX, PLAN_TIME_MAX, PLAN_TIME_MAX};
    const struct workload least = {1, 1, 1};
    const struct sizing largest = {PLAN_SLAB_MAX, PLAN_COUNT_MAX};
    const struct sizing recommended = plan_recommended(&most);

    CHECK_EQUAL(plan_bytes(PLAN_RATE_MAX, PLAN_TIME_MAX), UINT64_C(86400000000000000));
    CHECK_EQUAL(plan_bytes(1, 1), 1);
    CHECK_EQUAL(plan_bytes(PLAN_RATE_MAX, 1), 1000);
    CHECK_EQUAL(plan_bytes(999999999, 999999999), 999999999);
    CHECK_EQUAL(plan_time(0, PLAN_RATE_MAX), 0);
    CHECK_EQUAL(plan_time(UINT64_C(86400000000000000), PLAN_RATE_MAX), PLAN_TIME_MAX);
    CHECK_EQUAL(plan_time(UINT64_MAX, 1), UINT64_MAX);
    CHECK_EQUAL(plan_time(UINT64_C(18446744073), 1), UINT64_C(18446744073000000000));
    CHECK_EQUAL(plan_time(UINT64_C(18446744074), 1), UINT64_MAX);
    CHECK_EQUAL(plan_slab_size(&most), UINT64_C(1) << 57);
    CHECK(!plan_is_possible(&recommended));
    CHECK(holds(plan_memory(&recommended) - recommended.slab_size, most.rate, most.stall));
    CHECK_EQUAL(plan_slab_count(&most, 1), UINT64_C(86400000000000001));
    CHECK_EQUAL(plan_recommended(&least).slab_size, PLAN_SLAB_RECOMMENDED_MIN);
    CHECK_EQUAL(plan_recommended(&least).slab_count, 2);
    CHECK(plan_is_possible(&largest));
    CHECK_EQUAL(plan_memory(&largest), PLAN_MEMORY_MAX);
    CHECK_EQUAL(plan_sustained(&largest, 1), UINT64_C(1073741824000000000));
    CHECK_EQUAL(plan_sustained(&largest, PLAN_TIME_MAX), 12427); /* 2^30 / 86400 */
    CHECK_EQUAL(plan_within(&most, PLAN_MEMORY_MAX).slab_count, PLAN_COUNT_MAX);
    CHECK_EQUAL(plan_within(&least, 2 * PLAN_SLAB_MIN).slab_size, PLAN_SLAB_MIN);
}
