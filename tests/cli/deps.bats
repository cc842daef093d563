# The libraries that slabcat can be built with: each may be missing.

load helper

root=$BATS_TEST_DIRNAME/../..

# build ARGUMENT...: slabcat into ./built, whatever these tests were started with; what make says is in make.out
build() {
    [ -z "${SANITIZE:-}" ] || skip "what is built here is the same without a sanitizer"
    env -u MAKEFLAGS make -j2 -C "$root" BUILD="$PWD/built" CFLAGS=-O0 "$@" "$PWD/built/slabcat" >make.out 2>&1 || {
        cat make.out
        return 1
    }
}

copies() {
    head -c 300000 /dev/urandom >in
    built/slabcat <in >out
    cmp in out
}

@test "without any of the libraries slabcat is built, says so, and pours" {
    build WITHOUT='zstd zlib crypto'
    grep -qx '  without zstd zlib crypto' make.out
    not grep -q 'make deps' make.out
    [ "$(built/slabcat --version | tail -n +2)" = 'without zstd, zlib, libcrypto' ]
    copies
    pkg-config --exists libzstd || skip "libzstd is not installed"
    # what a build was made with is renewed when it changes
    build WITHOUT='zlib crypto'
    [ "$(built/slabcat --version | grep -cE 'with zstd [0-9.]+$|without zlib, libcrypto$')" = 2 ]
    copies
}

@test "a machine without pkg-config builds, and is told what would help" {
    build PKG_CONFIG=/nonexistent/pkg-config
    [ "$(grep -c 'without zstd zlib crypto: .*make deps' make.out)" = 1 ]
    not grep -qiE 'not found|No such' make.out
    [ "$(built/slabcat --version | tail -n +2)" = 'without zstd, zlib, libcrypto' ]
    copies
}

@test "a library that nobody knows is not left out in silence" {
    not env -u MAKEFLAGS make -C "$root" BUILD="$PWD/built" WITHOUT=zstdd >out 2>&1
    grep -q 'WITHOUT takes some of: zstd zlib crypto' out
}

@test "the first line of --version is the version alone" {
    [ "$("$SLABCAT" --version | head -n 1 | wc -w)" = 2 ]
    [ "$("$SLABCAT" --version | tail -n +2 | grep -cvE '^with(out)? (zstd|zlib|libcrypto)')" = 0 ]
    # all three are named, once
    [ "$("$SLABCAT" --version | grep -oE 'zstd|zlib|libcrypto' | sort | xargs)" = 'libcrypto zlib zstd' ]
}
