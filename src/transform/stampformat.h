/*
 * A stamp's format: strftime's conversions, as C17 and POSIX have them, and three of our own. Pure:
 * the same text for the same time, in the C locale's words unless main has set another one.
 */
#ifndef SLABCAT_STAMPFORMAT_H
#define SLABCAT_STAMPFORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Does FORMAT tell microseconds? */
bool stamp_format_has_micros(const char *format);

/*
 * The text for DAY, which is SECOND and MICROS since the epoch, to TEXT of SIZE bytes: its length;
 * 0 when there is not room enough for it and a byte behind it, it is empty, or FORMAT is wrong.
 */
size_t stamp_format_print(const char *format, const struct tm *day, uint64_t second,
                          uint32_t micros, char *text, size_t size);

#endif
