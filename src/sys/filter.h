/*
 * The system calls that are left to slabcat once it is set up: the program of a seccomp filter,
 * written by hand. Pure: it makes the program and installs nothing (sandbox.h does).
 *
 * What is asked for is allowed, everything else answered, and nobody is killed: EPERM, or ENOSYS
 * for calls younger than Linux 5.1 (424 and on), for which every libc knows an older one. So a libc
 * that goes another way than today's degrades and does not die. Arguments are looked at where they
 * are numbers and decide what a call is: threads, but no processes; signals to this process and to
 * the command alone; nothing executable mapped; of fcntl, ioctl and prctl what is used.
 *
 * It is for the machine it has been compiled for, x86-64 or AArch64 (little-endian); calls of
 * another ABI of the same machine (32 bits, x32) are answered ENOSYS.
 *
 * Who looks up names again runs modules of the system, and nobody knows what these call. There it
 * is the other way round (FILTER_RESOLVES): what no module needs is refused, and the rest allowed.
 */
#ifndef SLABCAT_FILTER_H
#define SLABCAT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum filter_need {
    FILTER_OPENS = 1,      /* files that are there, or what a descriptor stands for once more */
    FILTER_MAKES = 2,      /* makes, renames and deletes files as well */
    FILTER_CONNECTION = 4, /* a socket of ours: its options and its end */
    FILTER_DIALS = 8,      /* makes connections, to addresses */
    FILTER_RESOLVES = 16   /* and looks up names: most calls are left */
};

struct filter_needs {
    unsigned some; /* of enum filter_need */
    pid_t self;
    pid_t command; /* may be signalled and collected; 0: there is none */
    bool has_executable_stacks;
};

/* struct sock_filter of the kernel's headers, which not every libc has with it. */
struct filter_step {
    uint16_t code;
    uint8_t if_true; /* so many steps are left out */
    uint8_t if_false;
    uint32_t operand;
};

/* The codes that are used: load a word of what is called, keep some bits, compare, answer. */
enum {
    FILTER_LOAD = 0x20,
    FILTER_AND = 0x54,
    FILTER_IF_EQUAL = 0x15,
    FILTER_IF_AT_LEAST = 0x35,
    FILTER_ANSWER = 0x06
};

/* What is called, as the kernel describes it: this is what FILTER_LOAD's operand points into. */
struct filter_call {
    int32_t number;
    uint32_t machine;
    uint64_t from;
    uint64_t arguments[6];
};

#define FILTER_ALLOWED UINT32_C(0x7fff0000)
#define FILTER_ERROR   UINT32_C(0x00050000) /* and errno in the lower half */

enum { FILTER_LENGTH_MAX = 512 };

/* The first call that is younger than the calls told one by one. */
enum { FILTER_YOUNG = 424 };

/* Its length; 0: there is none for this machine. */
size_t filter_make(struct filter_step steps[FILTER_LENGTH_MAX], const struct filter_needs *needs);

#endif
