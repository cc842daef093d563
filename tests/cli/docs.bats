# Option table, help, man page, completions, README and code never disagree.

load helper

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    started=()
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -s "$SLABCAT" "$BATS_TEST_TMPDIR/bin/slabcat"
}

@test "the completions are those of the option table (make docs renews them)" {
    diff <("$BUILD/optiondoc" bash) completions/slabcat.bash
    diff <("$BUILD/optiondoc" zsh) completions/_slabcat
    diff <("$BUILD/optiondoc" fish) completions/slabcat.fish
}

@test "the man page has the headings of the option table, in its order" {
    diff <("$BUILD/optiondoc" man) \
        <(sed -n '/^\.Sh OPTIONS/,/^\.Ss Numbers/p' man/slabcat.1 | grep -E '^\.(It|Ss) ' | grep -v '^\.Ss Numbers')
}

@test "every option has prose in the man page" {
    run awk '
        /^\.Sh/ { options = /OPTIONS/ }
        options && /^\.(It|El)/ { if (heading && words < 5) print "no prose: " heading; heading = /^\.It/ ? $0 : ""; words = 0; next }
        options && heading && !/^\.\\"/ { words += NF }
    ' man/slabcat.1
    [ -z "$output" ]
}

@test "mandoc finds nothing to warn about in the man page" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    # whether the pages it refers to are installed is the machine's business
    run bash -c 'mandoc -T lint man/slabcat.1 2>&1 | grep -v "mandoc.db\|referenced manual not found"'
    [ -z "$output" ]
}

@test "the bash completion completes" {
    source completions/slabcat.bash
    COMP_WORDS=(slabcat --pipe-size k) COMP_CWORD=2
    _slabcat
    [ "${COMPREPLY[*]}" = keep ]
    COMP_WORDS=(slabcat --on-full drop-n) COMP_CWORD=2
    _slabcat
    [ "${COMPREPLY[*]}" = drop-newest ]
    COMP_WORDS=(slabcat --on-full s) COMP_CWORD=2
    _slabcat
    [ "${COMPREPLY[*]}" = spill ]
    COMP_WORDS=(slabcat -o CHANGE) COMP_CWORD=2
    _slabcat
    [ "${COMPREPLY[*]}" = CHANGELOG.md ]
    COMP_WORDS=(slabcat --dr) COMP_CWORD=1
    _slabcat
    [ "${COMPREPLY[*]}" = --drain-timeout ]
    COMP_WORDS=(slabcat READ) COMP_CWORD=1
    _slabcat
    [ "${COMPREPLY[*]}" = README.md ]
}

# run_example COMMAND: with an app that says something, a consumer, and files to read
run_example() (
    cd "$BATS_TEST_TMPDIR" || exit 1
    printf '#!/bin/sh\necho one; echo two >&2; echo three\n' >bin/app
    printf '#!/bin/sh\ncat >consumed\n' >bin/consumer
    chmod +x bin/app bin/consumer
    echo 1 >part1
    echo 2 >part2
    bash -o pipefail -c "$1" </dev/null
)

# examples FILE: each example, one a line, from the man page (.Dl) or README's blocks marked as sh
man_examples() { sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl //p' man/slabcat.1; }
readme_examples() { sed -n '/^```sh$/,/^```$/p' README.md | grep 'slabcat' | grep -v '^make'; }

@test "every example of the man page and README runs" {
    local count=0 example
    while IFS= read -r example; do
        run run_example "$example"
        [ "$status" = 0 ] || { echo "$example: status $status: $output"; return 1; }
        count=$((count + 1))
    done < <(man_examples; readme_examples)
    [ "$count" -ge 8 ]
}

@test "options that README mentions exist" {
    for name in $(grep -oE -- '`?--[a-z][a-z-]+' README.md | tr -d '`' | sort -u); do
        "$BUILD/optiondoc" man | tr -d '\\' | found -- "${name#--}" || { echo "README mentions $name"; return 1; }
    done
}

# links_of PAGE: the files that a page links to, as seen from here
links_of() { grep -oE '\]\([^)#]+' "$1" | sed 's/^](//' | grep -v '^[a-z]*://' | sed "s|^|$(dirname "$1")/|"; }

# names_of PAGE: the paths that a page names in backquotes, and the files of the tests that it names
names_of() {
    local name
    while IFS= read -r name; do
        case $name in
        *'*'*) ;;
        src/* | tests/* | bench/* | docs/* | man/* | completions/*) echo "$name" ;;
        test_*) echo "tests/unit/$name.c" ;;
        *.bats) echo "tests/cli/$name" ;;
        esac
    done < <(grep -oE '`[^`]+`' "$1" | tr '`' ' ' | tr -s ' ' '\n')
}

@test "files that the pages link to, and those that the pages on the design name, are there" {
    local page name count=0
    for page in *.md bench/README.md docs/design/*.md; do
        while IFS= read -r name; do
            [ -e "$name" ] || { echo "$page: there is no $name"; return 1; }
            count=$((count + 1))
        done < <(links_of "$page"; [[ $page == docs/* || $page == ARCHITECTURE.md ]] && names_of "$page")
    done
    [ "$count" -ge 100 ]
}

@test "ARCHITECTURE.md leads to every design page" {
    for page in docs/design/*.md; do
        grep -qF "]($page)" ARCHITECTURE.md || { echo "nothing leads to $page"; return 1; }
    done
}

@test "install puts everything in its place, and uninstall takes it away" {
    unset MAKEFLAGS MAKEOVERRIDES MAKELEVEL
    make -s BUILD="$BATS_TEST_TMPDIR/make" install DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/usr >/dev/null
    (cd "$BATS_TEST_TMPDIR/stage/usr" && find . -type f | sort) >"$BATS_TEST_TMPDIR/found"
    diff "$BATS_TEST_TMPDIR/found" - <<'END'
./bin/slabcat
./share/bash-completion/completions/slabcat
./share/fish/vendor_completions.d/slabcat.fish
./share/man/man1/slabcat.1
./share/zsh/site-functions/_slabcat
END
    [ "$(echo hello | "$BATS_TEST_TMPDIR/stage/usr/bin/slabcat")" = hello ]
    make -s BUILD="$BATS_TEST_TMPDIR/make" uninstall DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/usr
    [ -z "$(find "$BATS_TEST_TMPDIR/stage" -type f)" ]
}
