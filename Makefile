# slabcat. `make help` lists what can be made. Nothing but a C compiler and make is needed to build; with pkg-config
# it finds the libraries that some options need, which `make deps` installs.

VERSION = 0.1.0
BUILD   = build
PREFIX  = /usr/local
DESTDIR =

CC         ?= cc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
WARNINGS    = -Wall -Wextra -Wconversion -Wshadow
SANITIZE   =
# make WERROR=1: CI lets no warning pass; a new compiler's warning must not break a user's build
ifdef WERROR
WARNINGS  += -Werror
endif
# what is outside is hostile: a mistake of ours is to end the program, not to be of use to anybody
HARDENING      = $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
                 -fstack-protector-strong -fPIE
HARDENING_LINK = $(if $(filter -static%,$(LDFLAGS)),,-pie) -Wl,-z,relro,-z,now -Wl,-z,noexecstack
ifdef SANITIZE
HARDENING      = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDENING_LINK =
endif

# libraries that are used where they are: PACKAGE:pc:MODULE, as tests/setup takes them, and the oldest version that will
# do. make WITHOUT='zstd zlib crypto' leaves them out.
LIBRARIES = zstd zlib crypto
WITHOUT   =
$(if $(filter-out $(LIBRARIES),$(WITHOUT)),$(error WITHOUT takes some of: $(LIBRARIES)))
zstd.package   = libzstd-dev:pc:libzstd
zstd.least     = 1.4.0
zlib.package   = zlib1g-dev:pc:zlib
zlib.least     = 1.2.6
crypto.package = libssl-dev:pc:libcrypto
crypto.least   = 3.0.0

module = $(lastword $(subst :, ,$($1.package)))
is_found = $(shell $(PKG_CONFIG) --atleast-version=$($1.least) $(call module,$1) 2>/dev/null && echo yes)
WANTED  := $(filter-out $(WITHOUT),$(LIBRARIES))
WITH    := $(strip $(foreach library,$(WANTED),$(if $(call is_found,$(library)),$(library))))
MISSING := $(filter-out $(WITH),$(WANTED))
MODULES := $(foreach library,$(WITH),$(call module,$(library)))
# libcrypto is loaded when it is asked for (src/transform/digest.c)
LINKED  := $(foreach library,$(filter-out crypto,$(WITH)),$(call module,$(library)))
LIBRARY_CFLAGS := $(WITH:%=-DWITH_%) $(if $(WITH),$(shell $(PKG_CONFIG) --cflags $(MODULES)))
LIBS    := $(if $(LINKED),$(shell $(PKG_CONFIG) --libs $(LINKED))) $(if $(filter crypto,$(WITH)),-ldl)
DEPS     = $(if $(WANTED),pkg-config) $(foreach library,$(WANTED),$($(library).package))

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSLABCAT_VERSION='"$(VERSION)"' \
             -iquote src -iquote . -pthread $(WARNINGS) $(LIBRARY_CFLAGS) $(CFLAGS) $(HARDENING)
LINK_FLAGS = $(HARDENING_LINK) $(LDFLAGS)

# quiet rules; make V=1 shows the commands
ifndef V
Q = @
say = @printf '  %-7s %s\n'
else
say = @:
endif

NOT_BUILT = src/cli/optiondoc.c $(if $(filter zstd,$(WITH)),,src/transform/press_zstd.c) \
            $(if $(filter zlib,$(WITH)),,src/transform/press_gzip.c)
SOURCES = $(filter-out $(NOT_BUILT),$(wildcard src/*.c src/*/*.c))
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
# everything but main, for the unit tests and the generator
PARTS   = $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
UNITS   = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
FUZZ    = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
# libFuzzer has a main of its own
REPLAY  = $(if $(findstring fuzzer,$(SANITIZE)),,$(BUILD)/tests/fuzz/replay.o)
# what measures and what stands at the other ends of pipes; the tests use some of it
BENCH   = $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c)) $(BUILD)/bench/channel
RIG     = $(BUILD)/tests/cli/rig
PEER    = $(BUILD)/tests/cli/peer
FLOW    = $(BUILD)/tests/soak/flow
TOOLS   = $(patsubst %,$(BUILD)/bench/%,chatter sink stall buildlog callcost cost) $(RIG) $(PEER) $(FLOW)
# packages, or package:command; the last four are peers
TEST_DEPS   = bats zstd gzip mandoc strace procps:pgrep spin socat netcat-openbsd:nc.openbsd logrotate rsyslog:rsyslogd
COMPLETIONS = completions/slabcat.bash completions/_slabcat completions/slabcat.fish

.PHONY: FORCE all check check-now check-slow check-slow-now fuzz torture model mutants soak demo bench bench-deps deps asan tsan lint lint-now format docs install uninstall \
        dist static clean help
.SUFFIXES:
.DELETE_ON_ERROR:
.PRECIOUS: $(BUILD)/%.o

all: slabcat

slabcat: $(BUILD)/slabcat
	$(Q)cp -f $< $@

$(BUILD)/slabcat: $(OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^ $(LIBS)
	$(if $(WITHOUT),@echo '  without $(WITHOUT)')
	$(if $(MISSING),@echo '  without $(MISSING): `make deps` installs what is missing')

# objects depend on the flags they were made with
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(BUILD)
	$(Q)echo '$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) $(LIBS)' | cmp -s - $@ || \
	    echo '$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) $(LIBS)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(PARTS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(REPLAY) $(PARTS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bench/%: $(BUILD)/bench/%.o
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^

$(BUILD)/bench/ringcost: $(BUILD)/src/ring/ring.o

$(BUILD)/bench/channel: $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/threads/*.c)) $(BUILD)/src/ring/ring.o
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^

$(RIG): $(RIG).o $(patsubst %,$(BUILD)/tests/cli/%.o,dumpable deny halt machine slow)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^ -lutil

$(PEER): $(PEER).o
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^

$(FLOW): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/soak/*.c))
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/optiondoc: $(BUILD)/src/cli/optiondoc.o $(PARTS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $^ $(LIBS)

# what has just been installed is found by another make only
check: ## run all tests (installs what they need, if missing)
	$(Q)tests/setup $(TEST_DEPS) $(DEPS)
	$(Q)$(MAKE) --no-print-directory check-now

TESTED = $(BUILD)/slabcat $(BUILD)/optiondoc $(UNITS) $(FUZZ) $(TOOLS)
check-now: $(TESTED)
	$(Q)BUILD='$(BUILD)' SANITIZE='$(SANITIZE)' tests/run $(TESTS)

check-slow: ## run all tests where a system call costs 1.5 us more, on one CPU that three busy loops want as well
	$(Q)tests/setup $(TEST_DEPS) $(DEPS)
	$(Q)$(MAKE) --no-print-directory check-slow-now

check-slow-now: $(TESTED)
	$(Q)BUILD='$(BUILD)' SANITIZE='$(SANITIZE)' $(RIG) busy 3 $(RIG) slow tests/run $(TESTS)

demo: slabcat $(TOOLS) ## show the main job on this machine, in under 15 seconds
	$(Q)BUILD='$(BUILD)' bench/demo

bench: slabcat $(BENCH) $(RIG) ## measure slabcat and what else is installed (13 minutes; QUICK=1: one; CASES='chatty append'; SLOW_CALLS=1)
	$(Q)BUILD='$(BUILD)' ROUNDS='$(ROUNDS)' QUICK='$(QUICK)' SLOW_CALLS='$(SLOW_CALLS)' RESULTS='$(RESULTS)' bench/run $(CASES)

.PHONY: figures
figures: ## renew the tables of README.md and bench/README.md from bench/results
	$(Q)bench/figures --renew README.md
	$(Q)bench/figures --renew bench/README.md

deps: ## install the libraries that some options need (the build uses those that it finds)
	$(Q)tests/setup $(DEPS)

bench-deps: ## install the tools that slabcat is measured against
	$(Q)tests/setup pv mbuffer buffer socat strace moreutils:ts zstd gzip

asan: ## run all tests under the address and undefined-behaviour sanitizers
	$(Q)$(MAKE) BUILD=build/asan SANITIZE=address,undefined CFLAGS='-O1 -g' check

tsan: ## run all tests under the thread sanitizer
	$(Q)$(MAKE) BUILD=build/tsan SANITIZE=thread CFLAGS='-O1 -g' check

SECONDS = 60
fuzz: ## look for inputs that break a promise, with clang's libFuzzer (SECONDS=60: for each target)
	$(Q)$(MAKE) BUILD=build/fuzz CC=clang SANITIZE=fuzzer,address,undefined CFLAGS='-O1 -g' fuzzers
	$(Q)tests/fuzz/run '$(SECONDS)' build/fuzz

.PHONY: fuzzers
fuzzers: $(FUZZ)

torture: $(BUILD)/slabcat $(TOOLS) ## make each system call fail in turn, in every mode (two minutes; MODES='memory spill')
	$(Q)BUILD='$(BUILD)' tests/fault/torture $(MODES)

model: ## check the model of the ring and of its end with spin
	$(Q)tests/setup spin
	$(Q)BUILD='$(BUILD)' tests/model/check

mutants: ## plant bugs one at a time, and see the tests catch each (MUTANTS='close-error-ignored linger-endless')
	$(Q)tests/setup $(TEST_DEPS) $(DEPS)
	$(Q)tests/mutants/run $(MUTANTS)

MINUTES = 10
soak: $(BUILD)/slabcat $(TOOLS) ## random work from a printed seed, everything counted (MINUTES=10; SEED=1 to repeat one)
	$(Q)BUILD='$(BUILD)' SEED='$(SEED)' tests/soak/soak '$(MINUTES)'

lint: ## clang-tidy, shellcheck, and the format; warnings are errors
	$(Q)tests/setup clang-tidy shellcheck clang-format $(DEPS)
	$(Q)$(MAKE) --no-print-directory lint-now

lint-now:
	$(Q)tests/lint $(ALL_CFLAGS)

format: ## lay out all C files as .clang-format says
	$(Q)tests/setup clang-format
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h')

docs: $(BUILD)/optiondoc ## renew what is generated from the option table
	$(Q)$(BUILD)/optiondoc bash > completions/slabcat.bash
	$(Q)$(BUILD)/optiondoc zsh > completions/_slabcat
	$(Q)$(BUILD)/optiondoc fish > completions/slabcat.fish

install: $(BUILD)/slabcat ## install under DESTDIR and PREFIX (/usr/local)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1' \
	    '$(DESTDIR)$(PREFIX)/share/bash-completion/completions' \
	    '$(DESTDIR)$(PREFIX)/share/zsh/site-functions' \
	    '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d'
	install -m 755 $(BUILD)/slabcat '$(DESTDIR)$(PREFIX)/bin/slabcat'
	install -m 644 man/slabcat.1 '$(DESTDIR)$(PREFIX)/share/man/man1/slabcat.1'
	install -m 644 completions/slabcat.bash \
	    '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/slabcat'
	install -m 644 completions/_slabcat \
	    '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_slabcat'
	install -m 644 completions/slabcat.fish \
	    '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/slabcat.fish'

uninstall: ## take away what install put there
	rm -f '$(DESTDIR)$(PREFIX)/bin/slabcat' '$(DESTDIR)$(PREFIX)/share/man/man1/slabcat.1' \
	    '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/slabcat' \
	    '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_slabcat' \
	    '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/slabcat.fish'

dist: ## slabcat-VERSION.tar.gz of what is committed
	git archive --prefix=slabcat-$(VERSION)/ -o slabcat-$(VERSION).tar.gz HEAD

static: ## a static binary, build/static/slabcat, with musl-gcc
	$(Q)command -v musl-gcc >/dev/null || { echo 'make static needs musl-gcc (package musl-tools)'; exit 1; }
	$(Q)$(MAKE) BUILD=build/static CC=musl-gcc LDFLAGS=-static WITHOUT='$(LIBRARIES)' build/static/slabcat

clean: ## remove everything that was built
	rm -rf build slabcat slabcat-*.tar.gz

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

-include $(OBJECTS:.o=.d) $(UNITS:=.d) $(FUZZ:=.d) $(BENCH:=.d) $(wildcard $(BUILD)/bench/threads/*.d) \
         $(wildcard $(BUILD)/tests/cli/*.d $(BUILD)/tests/soak/*.d)
