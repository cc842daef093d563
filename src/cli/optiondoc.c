/*
 * Prints what is generated from the option table: `optiondoc bash|zsh|fish|man`. Not part of
 * slabcat; `make docs` writes its output to completions/, and the tests compare.
 */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_option(const struct option_row *row)
{
    return row->id != OPTION_GROUP;
}

/* The next literal word of an argument such as auto|keep|SIZE or [=text|json]; its length, or 0. */
static size_t next_word(const char **argument)
{
    size_t length;

    while (**argument && !islower((unsigned char)**argument)) {
        *argument += strcspn(*argument, "|[");
        *argument += strspn(*argument, "|[");
    }
    length = strcspn(*argument, "|[]");
    return length;
}

static void print_words(const char *argument, const char *between)
{
    size_t length;
    const char *separator = "";

    while ((length = next_word(&argument)) > 0) {
        printf("%s%.*s", separator, (int)length, argument);
        separator = between;
        argument += length;
    }
}

/* The argument is a file, or may be one. */
static bool takes_files(const struct option_row *row)
{
    return strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "DEST") == 0;
}

/* TEXT with a backslash before each of SPECIAL. */
static void print_escaped(const char *text, size_t length, const char *special)
{
    for (; length && *text; text++, length--)
        printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
}

/* Its argument, without the brackets that say that it may be left out. */
static void print_argument(const struct option_row *row, const char *special)
{
    const size_t length = strlen(row->argument);

    if (option_is_optional(row))
        print_escaped(row->argument + 1, length - 2, special);
    else
        print_escaped(row->argument, length, special);
}

static void print_bash(void)
{
    size_t i;

    puts("# bash completion for slabcat; generated from src/cli/options.def by `make docs`\n"
         "_slabcat()\n"
         "{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    COMPREPLY=()\n"
         "    case $previous in");
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (!is_option(row) || !*row->argument)
            continue;
        fputs("    ", stdout);
        if (row->short_name && !option_is_optional(row))
            printf("-%c | ", row->short_name);
        printf("--%s)\n        mapfile -t COMPREPLY < <(compgen ", row->long_name);
        if (takes_files(row)) {
            fputs("-f", stdout);
        } else {
            fputs("-W \"", stdout);
            print_words(row->argument, " ");
            putchar('"');
        }
        puts(" -- \"$current\")\n        return ;;");
    }
    fputs("    esac\n"
          "    if [[ $current == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"",
          stdout);
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        const char *words = row->argument;
        size_t length;

        if (is_option(row))
            printf("%s--%s", i == 1 ? "" : " ", row->long_name);
        while (option_is_optional(row) && (length = next_word(&words)) > 0) {
            printf(" --%s=%.*s", row->long_name, (int)length, words);
            words += length;
        }
    }
    puts("\" -- \"$current\")\n"
         "    else\n"
         "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "    fi\n"
         "}\n"
         "complete -o filenames -F _slabcat slabcat");
}

static void print_zsh(void)
{
    size_t i;

    puts("#compdef slabcat\n"
         "# zsh completion for slabcat; generated from src/cli/options.def by `make docs`\n"
         "_arguments -s -S \\");
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        const char *words = row->argument;
        const bool is_optional = option_is_optional(row);
        const char *equals = is_optional ? "=-" : *words ? "=" : "";

        if (!is_option(row))
            continue;
        fputs("    ", stdout);
        if (strcmp(row->argument, "DEST") == 0)
            fputs("'*'", stdout);
        else if (row->short_name)
            printf("'(-%c --%s)'", row->short_name, row->long_name);
        if (row->short_name)
            printf("{-%c%s,--%s%s}'[%s]", row->short_name,
                   *row->argument && !is_optional ? "+" : "", row->long_name, equals, row->help);
        else
            printf("'--%s%s[%s]", row->long_name, equals, row->help);
        if (*row->argument) {
            fputs(is_optional ? "::" : ":", stdout);
            print_argument(row, ":");
            putchar(':');
        }
        if (takes_files(row))
            fputs("_files", stdout);
        if (next_word(&words)) {
            putchar('(');
            print_words(row->argument, " ");
            putchar(')');
        }
        puts("' \\");
    }
    puts("    '*:file:_files'");
}

static void print_fish(void)
{
    size_t i;

    puts("# fish completion for slabcat; generated from src/cli/options.def by `make docs`");
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (!is_option(row))
            continue;
        fputs("complete -c slabcat", stdout);
        if (row->short_name)
            printf(" -s %c", row->short_name);
        printf(" -l %s", row->long_name);
        if (takes_files(row)) {
            fputs(" -r -F", stdout);
        } else if (*row->argument) {
            fputs(option_is_optional(row) ? " -f -a '" : " -x -a '", stdout);
            print_words(row->argument, " ");
            putchar('\'');
        }
        printf(" -d '%s'\n", row->help);
    }
}

/* The headings that the OPTIONS section of the man page must have, in this order. */
static void print_man(void)
{
    size_t i;

    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (!is_option(row)) {
            printf(".Ss %s\n", row->help);
            continue;
        }
        fputs(".It ", stdout);
        if (row->short_name)
            printf("Fl %c , ", row->short_name);
        fputs("Fl \\-", stdout);
        print_escaped(row->long_name, strlen(row->long_name), "-");
        if (*row->argument) {
            fputs(option_is_optional(row) ? " Ns Op = Ns Ar " : " Ar ", stdout);
            print_argument(row, "-");
        }
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    const char *format = argc == 2 ? argv[1] : "";

    if (strcmp(format, "bash") == 0)
        print_bash();
    else if (strcmp(format, "zsh") == 0)
        print_zsh();
    else if (strcmp(format, "fish") == 0)
        print_fish();
    else if (strcmp(format, "man") == 0)
        print_man();
    else
        return 2;
    return 0;
}
