/*
 * replay [FILE]...: runs a fuzz target without a fuzzer. Without FILEs: every file of its corpus,
 * and changed copies of each, and prints TAP; what fails is left beside the program.
 */
#include "fuzz.h"

#include "tests/unit/chance.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COPIES = 300, HANG_SECONDS = 120, INPUT_MAX = 1 << 16, CORPUS_MAX = 128 };

struct input {
    unsigned char bytes[INPUT_MAX];
    size_t length;
};

static void read_input(struct input *input, const char *path)
{
    FILE *from = fopen(path, "rb");

    if (!from) {
        perror(path);
        exit(1);
    }
    input->length = fread(input->bytes, 1, sizeof input->bytes, from);
    fclose(from);
}

static void write_input(const struct input *input, const char *path)
{
    FILE *to = fopen(path, "wb");

    if (to) {
        fwrite(input->bytes, 1, input->length, to);
        fclose(to);
    }
}

/* Take LENGTH bytes out at AT, or make room for so many. */
static void remove_at(struct input *input, size_t at, size_t length)
{
    memmove(input->bytes + at, input->bytes + at + length, input->length - at - length);
    input->length -= length;
}

static void insert_at(struct input *input, size_t at, size_t length)
{
    memmove(input->bytes + at + length, input->bytes + at, input->length - at);
    input->length += length;
}

static void change(struct input *input, uint64_t *seed)
{
    const size_t at = any(seed, input->length + 1);
    const size_t length = any(seed, 16);
    const bool is_behind = at + length <= input->length;
    const size_t from = any(seed, input->length + 1);
    unsigned char copy[16];

    switch (any(seed, 4)) {
    case 0:
        if (at < input->length)
            input->bytes[at] = (unsigned char)chance(seed);
        break;
    case 1:
        if (at < input->length)
            input->bytes[at] ^= (unsigned char)(1U << any(seed, 8));
        break;
    case 2:
        if (is_behind)
            remove_at(input, at, length);
        break;
    default:
        if (from + length > input->length || input->length + length > sizeof input->bytes)
            break;
        memcpy(copy, input->bytes + from, length);
        insert_at(input, at, length);
        memcpy(input->bytes + at, copy, length);
    }
}

/* The copy of that NUMBER; 0 is the file as it is. */
static void make_copy(struct input *copy, const struct input *input, unsigned number)
{
    uint64_t seed = number;
    size_t changes = number ? 1 + any(&seed, 8) : 0;

    memcpy(copy->bytes, input->bytes, input->length);
    copy->length = input->length;
    while (changes--)
        change(copy, &seed);
}

/* In bytes of its own, so that a sanitizer sees them left. */
static void run(const struct input *input)
{
    unsigned char *bytes = malloc(input->length ? input->length : 1);

    MUST(bytes);
    memcpy(bytes, input->bytes, input->length);
    LLVMFuzzerTestOneInput(bytes, input->length);
    free(bytes);
}

/* All copies, in a process that may crash; *NUMBER is the one it has come to. */
static bool run_copies(const struct input *input, unsigned *number)
{
    static struct input copy;
    const pid_t child = fork();
    int status = 1;

    if (child == 0) {
        alarm(HANG_SECONDS);
        for (*number = 0; *number <= COPIES; (*number)++) {
            make_copy(&copy, input, *number);
            run(&copy);
        }
        exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool replay(const char *program, const char *corpus, const char *name, unsigned *number)
{
    static struct input input;
    static struct input copy;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", corpus, name);
    read_input(&input, path);
    if (run_copies(&input, number))
        return true;
    snprintf(path, sizeof path, "%s-failed-%s-%u", program, name, *number);
    make_copy(&copy, &input, *number);
    write_input(&copy, path);
    printf("# %s\n", path);
    return false;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_corpus(const char *program, unsigned *number)
{
    const char *target = strrchr(program, '/');
    char corpus[CORPUS_MAX];
    struct dirent **entries = NULL;
    int failed = 0;
    int count;
    int i;

    target = target ? target + 1 : program;
    snprintf(corpus, sizeof corpus, "tests/fuzz/corpus/%s", target + strlen("fuzz_"));
    count = scandir(corpus, &entries, is_input, alphasort);
    for (i = 0; i < count; i++) {
        const bool is_good = replay(program, corpus, entries[i]->d_name, number);

        printf("%sok %d - %s\n", is_good ? "" : "not ", i + 1, entries[i]->d_name);
        failed += !is_good;
        free(entries[i]);
    }
    free(entries);
    printf("1..%d\n", count);
    return failed || count < 1;
}

int main(int argc, char **argv)
{
    static struct input input;
    unsigned *number;
    int i;

    for (i = 1; i < argc; i++) {
        read_input(&input, argv[i]);
        run(&input);
    }
    if (argc > 1)
        return 0;
    setvbuf(stdout, NULL, _IONBF, 0); /* or children would print what waits once more */
    number = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return number == MAP_FAILED || replay_corpus(argv[0], number);
}
