# The model of the ring (tests/model) is one of this program, it holds, and it can fail.

load helper

# named FILE FUNCTION: it is defined there (or is a macro)
named() { grep -E "^[a-z].*\b$2\(" "$1" | grep -qv ';$'; }

# names: FILE FUNCTION for each of the model's comments that say what it stands for
names() { sed -n 's|.*/\* \(src/[a-z_/]*\.c\): \([a-z_]*\) \*/.*|\1 \2|p' "$BATS_TEST_DIRNAME"/../model/*.pml | sort -u; }

needs_spin() {
    [ -z "${SANITIZE:-}" ] || skip "a model has nothing to be sanitized"
    command -v spin >/dev/null || skip "spin is not installed"
}

@test "every function that the model stands for is there" {
    cd "$BATS_TEST_DIRNAME/../.."
    local file name count=0
    while read -r file name; do
        named "$file" "$name" || { echo "$file does not define $name, which tests/model names"; return 1; }
        count=$((count + 1))
    done < <(names)
    [ "$count" -ge 60 ]
    not named src/ring/ring.c ring_publish_early
    not named src/ring/ring.c ring_publish_lines
}

@test "every part of the model says what it stands for" {
    cd "$BATS_TEST_DIRNAME/../model"
    run awk '
        /^(inline|proctype) / && before !~ /^\/\* (src\/[a-z_\/]*\.c: [a-z_]* \*\/$|environment)/ { print FILENAME ": " $0 }
        { before = $0 }
    ' ./*.pml
    echo "$output"
    [ -z "$output" ]
}

@test "the model holds in a few configurations, and spin finds bugs that are planted in it" {
    needs_spin
    run "$BATS_TEST_DIRNAME/../model/check" --quick
    echo "$output"
    [ "$status" = 0 ]
    grep -qE '^[0-9]{6,} states in all, no errors' <<<"$output"
    [ "$(grep -c ' found: ' <<<"$output")" -ge 6 ]
    not grep -q 'NOT FOUND' <<<"$output"
}

@test "an error in the model ends the check, with the steps that lead there" {
    needs_spin
    cp -r "$BATS_TEST_DIRNAME/../model" here
    mkdir -p tests && mv here tests/model
    sed -i 's/^    rung\[bell\] = true$/    skip/' tests/model/bell.pml
    BUILD=build run tests/model/check --quick hand
    echo "$output" | tail -n 3
    [ "$status" = 1 ]
    grep -q 'assertion violated' <<<"$output"
    grep -qE 'proc +[0-9]+ \((reader|writer|hand):1\) [a-z]*\.pml:[0-9]+' <<<"$output"
    not grep -q 'no errors' <<<"$output"
}
