# tests/rooms: which folders of src/ may include which.

load helper

rooms=$BATS_TEST_DIRNAME/../rooms

# a copy of the sources, to plant something in
copy() { cp -r "$BATS_TEST_DIRNAME/../../src" .; }

@test "no file includes what its folder may not, and none call each other in a circle" {
    "$rooms"
}

@test "a planted include that runs up is found" {
    copy
    echo '#include "threads/reader.h"' >>src/input/pace.c
    run -1 "$rooms" .
    [ "$output" = "src/input/pace includes threads/reader: files of input/ may not include threads/" ]
}

@test "a planted circle is found" {
    copy
    printf '#include "output/lifecycle.h"\nvoid planted(struct output *output) { output_leave(output); }\n' >>src/output/compressor.c
    run -1 "$rooms" .
    echo "$output"
    [[ $output = *"a loop"*output/compressor* ]]
}

@test "a folder that nobody has given a place is found" {
    copy
    mkdir src/attic
    echo '#include "sys/clock.h"' >src/attic/old.c
    run -1 "$rooms" .
    [ "$output" = "src/attic: a folder that tests/rooms does not know" ]
}
