/*
 * Numbers as people write them. Pure functions; exact integer arithmetic, no locale.
 *
 * parse_* take the whole TEXT or nothing: 0, -EINVAL when it is no such thing, -ERANGE when it is
 * one that does not fit into 64 bits. A fraction (1.5M) is fine; what it leaves below a byte or a nanosecond is
 * cut off, and a count or a rate must come out whole.
 *
 *     sizes    64  64B  64K  64k  64KiB  1.5M (powers of 1024)   64kB  1MB (powers of 1000)
 *     times    100ms  2s  50us  10ns  1m  1h, and 0; anything else needs its unit
 *     counts   10K  2.5M (powers of 1000)
 *     rates    a count, and /s if you like: 10K  10K/s
 *              of bytes: a size whose unit has the B, and /s if you like: 2.5MB/s  512KiB/s  100B/s
 *              or of bytes where they cannot be of anything else: 10M  10M/s  2.5MB/s  100
 *     percents 50  50%, whole ones
 */
#ifndef SLABCAT_UNITS_H
#define SLABCAT_UNITS_H

#include <stdint.h>

int parse_size(const char *text, uint64_t *bytes);
int parse_time(const char *text, uint64_t *ns);
int parse_count(const char *text, uint64_t *count);
int parse_rate(const char *text, uint64_t *per_second);
int parse_byte_rate(const char *text, uint64_t *bytes_per_second);
int parse_size_rate(const char *text, uint64_t *bytes_per_second);
int parse_percent(const char *text, uint64_t *percent);

struct printed {
    char text[32];
};

/*
 * In the largest of K, M, G, T, or of ns to s, in which it is whole: 64K, 100ms. parse_size and
 * parse_time read it back as the same number.
 */
struct printed print_size(uint64_t bytes);
struct printed print_time(uint64_t ns);

/*
 * For people, to four digits, and more only of the largest unit: 195.3KiB, 204.8ms, 1.5h. Read back
 * it is about the same number, or what is rounded up beyond 64 bits.
 */
struct printed print_about_size(uint64_t bytes);
struct printed print_about_time(uint64_t ns);
struct printed print_about_count(uint64_t count);                /* 12.35K */
struct printed print_about_byte_rate(uint64_t bytes_per_second); /* 2.56MB/s: powers of 1000 */

#endif
