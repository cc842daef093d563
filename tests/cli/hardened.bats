#!/usr/bin/env bats
# What the compiler and the linker can do against mistakes of ours, they have done.
# shellcheck shell=bash

load helper

setup_file() {
    if [ -n "${SANITIZE:-}" ]; then skip "a sanitizer's build is not what anybody installs"; fi
    command -v readelf >/dev/null || skip "readelf is not installed"
}

# what the default flags have made, whatever is tested otherwise
binary() { realpath "$BUILD/slabcat"; }

@test "it can lie anywhere in memory" {
    readelf -h "$(binary)" | grep -q 'Type: *DYN'
}

@test "what the loader fills in is read-only before main begins" {
    readelf -lW "$(binary)" | grep -q GNU_RELRO
    readelf -dW "$(binary)" | grep -q 'FLAGS.*NOW'
}

@test "no memory is both writable and executable" {
    readelf -lW "$(binary)" >segments
    grep -q 'GNU_STACK.* RW ' segments
    not grep -q ' RWE ' segments
}

@test "stacks have a guard, and copies a limit" {
    readelf -sW --dyn-syms "$(binary)" >symbols
    grep -q __stack_chk_fail symbols
    grep -q 'snprintf_chk' symbols
}
