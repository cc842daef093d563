load helper

# What tests/mutants/run makes of its own mutants takes minutes (make mutants); here is that it can be believed.
needs_no_sanitizer() { [ -z "${SANITIZE:-}" ] || skip "a sanitizer finds nothing in shell"; }

# A tree of its own: "built" by copying, which a syntax error stops as it would a compiler, and a test in TAP.
plant_tree() {
    mkdir -p tree/src tree/tests/unit tree/tests/cli lists
    cp "$BATS_TEST_DIRNAME/../run" tree/tests/run
    printf '%s\n' 'echo one' 'echo two' 'echo three' >tree/src/says.sh
    cat >tree/tests/unit/test_says.c <<'END'
#!/bin/sh
[ "$(sh "$(dirname "$0")/../../slabcat" | head -n 2 | tr '\n' ' ')" = "one two " ] || echo "not ok 1 - says one, two"
echo "ok 2 - is there"
END
    printf '%s\n' 'build/tests/unit/test_says: build/slabcat tests/unit/test_says.c' \
        '	mkdir -p build/tests/unit && cp tests/unit/test_says.c $@ && chmod +x $@' \
        'build/slabcat: src/says.sh' \
        '	mkdir -p build && sh -n $< && cp $< $@' \
        'check-now: build/tests/unit/test_says' \
        '	BUILD=build tests/run build/tests/unit/test_says' >tree/Makefile
}

# mutant NAME OLD NEW: one more of them
mutant() {
    printf '%s\n' "mutant $1" "what it says $3" "in src/says.sh" "-$2" "+$3" "test tests/unit/test_says" '' >>lists/says.mutants
}

runner() { run env ROOT="$PWD/tree" LISTS="$PWD/lists" BUILD="$PWD/built" LIMIT="${limit:-60}" "$BATS_TEST_DIRNAME/../mutants/run" "$@"; }

@test "every mutant can still be planted, and the tests it names are there" {
    needs_no_sanitizer
    run "$BATS_TEST_DIRNAME/../mutants/run" --stale
    echo "$output"
    [ "$status" = 0 ]
    [ "$(echo "$output" | sed -n 's/^\([0-9]*\) mutants, 0 stale$/\1/p')" -ge 40 ]
}

@test "a mutant is caught, survives, cannot be built or planted: the runner says which" {
    needs_no_sanitizer
    plant_tree
    mutant caught 'echo two' 'echo 2'
    mutant survivor 'echo three' 'echo 3'
    mutant broken 'echo one' 'echo (one'
    mutant gone 'echo four' 'echo 4'
    runner
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"caught    caught in "*" s by tests/unit/test_says: says one, two"* ]]
    [[ $output == *"SURVIVED  survivor: it says echo 3"* ]]
    [[ $output == *"BROKEN    broken: it does not compile"* ]]
    [[ $output == *"STALE     gone: what is replaced is not there"* ]]
    [ "${lines[-1]}" = "4 mutants, 1 caught, 1 survived, 1 stale, 1 broken" ]
    # the tree itself has not been touched
    [ "$(cat tree/src/says.sh)" = $'echo one\necho two\necho three' ]

    runner caught
    [ "$status" = 0 ]
    [ "${lines[-1]}" = "1 mutants, 1 caught, 0 survived, 0 stale" ]
}

@test "a test that hangs has caught the mutant, and does not go on" {
    needs_no_sanitizer
    plant_tree
    mutant hangs 'echo one' 'echo "$$" >"$HANGING"; exec sleep 600'
    export HANGING=$PWD/hanging
    limit=4 runner
    echo "$output"
    [ "$status" = 0 ]
    [[ $output == *"caught    hangs in "*" s by tests/unit/test_says, not done in 4 s"* ]]
    eventually 5 ended "$(cat hanging)"
}

@test "lines that are there twice, and tests that are gone, are stale" {
    needs_no_sanitizer
    plant_tree
    echo 'echo two' >>tree/src/says.sh
    mutant twice 'echo two' 'echo 2'
    mutant nothing 'echo one' 'echo one'
    mutant part 'echo o' 'echo 1'
    mutant untested 'echo one' 'echo 1'
    sed -i '$ d; s/^test .*says$/&x/' lists/says.mutants
    runner --stale
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"STALE     twice: what is replaced is there twice"* ]]
    [[ $output == *"STALE     nothing: nothing is replaced"* ]]
    [[ $output == *"STALE     part: what is replaced is not there"* ]]
    [[ $output == *"STALE     untested: there is no test tests/unit/test_saysx"* ]]
    [ "${lines[-1]}" = "4 mutants, 4 stale" ]
}

@test "with a test that fails without a mutant nothing is said to be caught" {
    needs_no_sanitizer
    plant_tree
    mutant caught 'echo two' 'echo 2'
    sed -i 's/one/none/' tree/src/says.sh
    runner
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"no mutant, and FAILED: tests/unit/test_says"* ]]
    [[ $output != *"caught"* ]]
}
