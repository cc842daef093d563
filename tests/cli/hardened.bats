#!/usr/bin/env bats
# What the compiler and the linker can do against mistakes of ours, they have done.
# shellcheck shell=bash

load helper

# binary: what the default flags have made, whatever is tested otherwise
binary() { realpath "$BUILD/slabcat"; }

needs_readelf() {
    [ -z "${SANITIZE:-}" ] || skip "a sanitizer's build is not what anybody installs"
    command -v readelf >/dev/null || skip "readelf is not installed"
}

@test "it can lie anywhere in memory" {
    needs_readelf
    readelf -h "$(binary)" | found 'Type: *DYN'
}

@test "what the loader fills in is read-only before main begins" {
    needs_readelf
    readelf -lW "$(binary)" | found GNU_RELRO
    readelf -dW "$(binary)" | found 'FLAGS.*NOW'
}

@test "no memory is both writable and executable" {
    needs_readelf
    readelf -lW "$(binary)" >segments
    grep -q 'GNU_STACK.* RW ' segments
    not grep -q ' RWE ' segments
}

@test "stacks have a guard, and copies a limit" {
    needs_readelf
    readelf -sW --dyn-syms "$(binary)" >symbols
    grep -q __stack_chk_fail symbols
    grep -q 'snprintf_chk' symbols
}
