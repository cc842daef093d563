# The shim of tests/fault, a sample of the torture, and what only strace can let fail.

load helper

setup_file() {
    [ -z "${SANITIZE:-}" ] || return 0
    "$BATS_TEST_DIRNAME/../fault/build"
}

# shellcheck disable=SC2034 # fault is for the tests
shimmed() {
    [ -z "${SANITIZE:-}" ] || skip "a sanitizer wants to be loaded first, and finds nothing here that others do not"
    fault=$BUILD/tests/fault
}

# failing CALL HOW AT COMMAND...: COMMAND, whose ATth call fails; what is told about it goes to log
failing() {
    local call=$1 how=$2 at=$3
    shift 3
    rm -f log
    FAULT_CALL=$call FAULT_HOW=$how FAULT_AT=$at FAULT_LOG=log LD_PRELOAD=$fault/fault.so "$@"
}

# third_line_is WORD: of five, the others being as in the file clean
third_line_is() {
    [ "$(sed -n 3p)" = "$1" ]
}

# others_are_alike: all lines but the third of clean and of lines
others_are_alike() { cmp <(sed 3d clean) <(sed 3d lines); }

# the first line of a kind that is the victim's own call: these have been made before it
made_before() {
    case $1 in
    open) echo 3 ;;
    pipe2 | syscall) echo 2 ;;
    ftruncate | eventfd | malloc) echo 1 ;;
    *) echo 0 ;;
    esac
}

@test "the shim: of every kind the Nth call fails, and no other one" {
    shimmed
    local kind at
    for kind in $("$fault/victim"); do
        # a step of the clock is no error, and before each call of the victim the place in two files is set
        case $kind in clock | lseek) continue ;; esac
        at=$(($(made_before "$kind") + 3))
        "$fault/victim" "$kind" >clean
        failing "$kind" EBUSY "$at" "$fault/victim" "$kind" >lines
        third_line_is E16 <lines || { echo "$kind: $(cat lines)"; return 1; }
        others_are_alike || { echo "$kind: $(cat lines)"; return 1; }
        grep -qE "^$kind $at -?[0-9]+(,[0-9]+)? EBUSY" log || { echo "$kind: $(cat log)"; return 1; }
    done
}

@test "the shim: the calls of a fortified program as well" {
    shimmed
    local kind
    for kind in read pread recv realpath open openat poll ppoll; do
        "$fault/fortified" "$kind" >clean
        failing "$kind" EIO $(($(made_before "$kind") + 3)) "$fault/fortified" "$kind" >lines
        third_line_is E5 <lines || { echo "$kind: $(cat lines)"; return 1; }
        others_are_alike
    done
}

@test "the shim: short is half, or the first part, and one is a byte" {
    shimmed
    local kind half
    for kind in read pread recv write pwrite splice tee sendfile copy_file_range readv preadv2 writev pwritev2; do
        "$fault/victim" "$kind" >clean
        failing "$kind" short 3 "$fault/victim" "$kind" >lines
        third_line_is 4 <lines || { echo "$kind: $(cat lines)"; return 1; }
        others_are_alike
        failing "$kind" one 3 "$fault/victim" "$kind" >lines
        third_line_is 1 <lines || { echo "$kind: $(cat lines)"; return 1; }
        others_are_alike
        # there is nothing less than a byte
        LENGTH=1 failing "$kind" short 3 "$fault/victim" "$kind" >lines
        third_line_is 1 <lines || { echo "$kind: $(cat lines)"; return 1; }
    done
}

@test "the shim: each failure is what its name says" {
    shimmed
    local how number
    while read -r how number; do
        failing fsync "$how" 3 "$fault/victim" fsync >lines
        third_line_is "E$number" <lines || { echo "$how: $(cat lines)"; return 1; }
    done <<<"EPERM 1
ENOENT 2
EINTR 4
EIO 5
EAGAIN 11
ENOMEM 12
EACCES 13
EBUSY 16
EXDEV 18
EINVAL 22
ENFILE 23
EMFILE 24
ENOSPC 28
EPIPE 32
ENOSYS 38
EOPNOTSUPP 95"
    failing getaddrinfo EAI_AGAIN 3 "$fault/victim" getaddrinfo >lines
    third_line_is E3 <lines
    "$fault/victim" clock 1 >clean
    failing clock forth 3 "$fault/victim" clock >lines
    third_line_is $(($(cat clean) + 24)) <lines
    failing clock back 3 "$fault/victim" clock >lines
    third_line_is $(($(cat clean) - 24)) <lines
}

@test "the shim: one that lasts, and one of a single descriptor" {
    shimmed
    local fd
    FAULT_CALL=fsync FAULT_HOW=EIO FAULT_FROM=3 FAULT_LOG=log LD_PRELOAD=$fault/fault.so "$fault/victim" fsync >lines
    [ "$(tr '\n' ' ' <lines)" = "0 0 E5 E5 E5 " ]
    [ "$(wc -l <log)" = 1 ]
    fd=$(awk '{ print $3 }' log)
    FAULT_FD=$fd failing fsync EIO 3 "$fault/victim" fsync >lines
    third_line_is E5 <lines
    FAULT_FD=$((fd + 90)) failing fsync EIO 3 "$fault/victim" fsync >lines
    [ "$(sort -u lines)" = 0 ]
    [ ! -e log ]
}

@test "the shim: calls are counted over all threads" {
    shimmed
    FAULT_COUNTS=counts failing read EIO 2500 "$fault/victim" read 1000 4 >lines
    [ "$(wc -l <lines)" = 4000 ]
    [ "$(grep -c E5 lines)" = 1 ]
    # read is the first kind
    [ "$(od -A n -t u8 -N 8 counts | tr -d ' ')" = 4000 ]
}

@test "the shim: what fails to be closed is closed, and what is not reached is not told" {
    shimmed
    (ulimit -n 40 && FAULT_CALL=close FAULT_HOW=EIO FAULT_FROM=1 LD_PRELOAD=$fault/fault.so \
        "$fault/victim" close 200 >lines)
    [ "$(sort -u lines)" = E5 ]
    failing fsync EIO 6 "$fault/victim" fsync >lines
    [ "$(sort -u lines)" = 0 ]
    [ ! -e log ]
}

@test "the shim: what a program starts is left alone, and who is not meant passes it on" {
    shimmed
    failing read EINTR 1 "$SLABCAT" --no-sandbox --run env </dev/null >lines
    not grep -E '^(LD_PRELOAD|FAULT_)' lines
    grep -q '^read 1 ' log
    FAULT_IN=victim failing fsync EIO 3 bash -c 'sync . && "$0" fsync' "$fault/victim" >lines
    third_line_is E5 <lines
}

@test "the shim: what it does not understand it refuses" {
    shimmed
    local wish
    for wish in 'nonsense EIO' 'read ENONSENSE' 'fsync short' 'read forth' 'clock EIO' 'read EAI_AGAIN'; do
        # shellcheck disable=SC2086 # two words
        run -99 failing $wish 1 /bin/true
    done
    run -99 failing read EIO x /bin/true
    FAULT_FROM=1 run -99 failing read EIO 1 /bin/true
}

@test "the shim: it knows every call of slabcat's that can fail" {
    shimmed
    command -v nm >/dev/null || skip "nm is not installed"
    nm -D --undefined-only "$SLABCAT" | sed 's/^ *[Uw] //; s/@.*//' | sort -u >used
    nm -D --defined-only "$fault/fault.so" | awk '{ print $3 }' | sort -u >known
    # what cannot fail, or fails only with memory, which is a kind, or for wrong arguments
    local harmless=(
        '(mem|str|_|ZSTD_|deflate|zlib|crc32|posix_spawn(attr|_file)_|pthread_(attr|mutex|cond)_|sig[a-z]*set$).*'
        'pthread_(self|join|detach|setname_np|getcpuclockid|kill)' 'abort|exit|closedir|dirfd|rewinddir|dlsym|dlclose|environ'
        'explicit_bzero|fgets|fflush|fileno|ferror|f?printf|v?fprintf|fput[cs]|puts|putchar|fwrite|(v?sn|va|a)s?printf'
        'dl_iterate_phdr|dlerror|free|freeaddrinfo|gai_strerror|get(env|pid|ppid|pgid|pgrp|sid|euid|egid|uid|gid)|(gm|local)time_r|inet_pton'
        'isatty|munmap|nanosleep|qsort|raise|reallocarray|sigaction|signal|std(in|out|err)|sysconf|fpathconf|tcgetpgrp'
        'timegm|tzset|setenv|unsetenv|ptsname_r|bsearch|umask|sched_yield|localeconv|setlocale'
    )
    comm -23 used known | grep -vxE "$(IFS='|' && echo "${harmless[*]}")" >left || :
    [ ! -s left ] || { echo "tests/fault/fault.c does not know: $(cat left)"; return 1; }
}

@test "a sample of the torture: nothing is lost, forgotten or waited for for ever" {
    shimmed
    "$BATS_TEST_DIRNAME/../fault/torture" --sample 5
}

@test "what the torture has found stays mended" {
    shimmed
    # in this order: a wake-up, a message, statistics and checksums without memory, a main thread and a hand that
    # cannot wait, a connection that cannot be used, a command whose end is asked for, a pipe that cannot be counted
    "$BATS_TEST_DIRNAME/../fault/torture" memory:event_write memory:poll:EINTR memory:open_memstream \
        digest:open_memstream memory:malloc 'memory:ppoll:ENOMEM+' outputs:ppoll:ENOMEM tcp:fstat:EIO \
        tcp-once:fcntl:ENOMEM run:waitpid 'term:ioctl:ENOSYS+' term-stuck:ioctl
}

# injected RULE ARGUMENT...: slabcat, with a call changed by strace; what goes out is in out, and $status is its status
injected() {
    local rule=$1
    shift
    status=0
    timeout $((20 * SLOW)) strace -f -o trace -e trace="${rule%%:*}" -e inject="$rule" "$SLABCAT" "$@" <in >out 2>err || status=$?
    grep -q INJECTED trace || skip "the rule $rule has met no call here"
}

@test "under strace: a thread that cannot be had is said, and not a byte is read" {
    needs_trace
    rig bytes 30000 >in
    # the kernel's call, below pthread_create
    for n in 1 2; do
        injected clone3:error=EAGAIN:when=$n -s 4K -n 4 --zero-copy=never --fsync -L 1G
        [ "$status" = 1 ]
        grep -q 'cannot start: ' err
        [ ! -s out ]
    done
}

@test "under strace: stacks and libraries without memory" {
    needs_trace
    local n met=0
    rig bytes 30000 >in
    for n in $(seq 1 60); do
        status=0
        timeout $((20 * SLOW)) strace -f -o trace -e trace=mmap,fcntl -e inject=mmap:error=ENOMEM:when="$n" \
            "$SLABCAT" -s 4K -n 4 --compress=zstd <in >out 2>err || status=$?
        grep -q INJECTED trace || break
        # before main it is the loader's business
        grep -q 'fcntl(0, F_GETFD)' trace || continue
        met=$((met + 1))
        case $status in
        0) zstd -qdc <out | cmp - in ;;
        1) grep -q '^slabcat: ' err ;;
        *) echo "mmap $n: status $status: $(cat err)" && return 1 ;;
        esac
    done 2>shell
    [ "$met" -gt 3 ]
}

@test "under strace: a command that the kernel does not start" {
    needs_trace
    : >in
    for rule in ENOENT:127 EACCES:126 ENOMEM:125 EMFILE:125 ETXTBSY:126; do
        status=0
        timeout $((20 * SLOW)) strace -f -o trace -P /bin/true -e inject="execve:error=${rule%:*}" \
            "$SLABCAT" --run /bin/true <in >out 2>err || status=$?
        grep -q INJECTED trace || skip "the child's call cannot be changed here"
        [ "$status" = "${rule#*:}" ] || { echo "$rule: $status: $(cat err)"; return 1; }
        grep -q '^slabcat: ' err
    done
}

@test "under strace: waits that are interrupted" {
    needs_trace
    rig bytes 300000 >in
    # not futex: a wake-up that strace lets fail is one that no kernel loses
    status=0
    timeout $((20 * SLOW)) strace -f -o trace -e trace=ppoll -e inject=ppoll:error=EINTR:when=1+3 \
        "$SLABCAT" -s 4K -n 2 --zero-copy=never <in >out 2>err || status=$?
    [ "$status" = 0 ] || { echo "status $status: $(cat err)"; return 1; }
    cmp in out
}
