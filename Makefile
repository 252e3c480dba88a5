# Builds, tests and installs libmlpbn with GNU make; `make help` lists the targets.
#
# ./configure writes what it found out about the system to config.mk. This file says how
# a source is compiled and a program linked. What is built stands in the folder whose
# sources it is built from:
#
#     lib/lib.mk              the static and the shared library
#     examples/examples.mk    the example programs and their tests, the study
#     tests/tests.mk          unit and api tests, also with sanitizers and valgrind
#     tests/FOLDER/*.mk       fuzzing, source checks, PyTorch and ONNX Runtime
#     bench/bench.mk          speed beside other libraries
#     pkgconfig/install.mk    installation, with files for pkg-config and CMake
#     build-aux/dist.mk       the package

# A build folder of its own reaches the sources through a link that configure makes, because make
# takes a path with spaces for several.
srcdir := $(if $(wildcard sources),sources,.)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

goals := $(or $(MAKECMDGOALS),all)
deps := sh $(srcdir)/build-aux/deps.sh

# "make deps check" on a bare machine: configure would fail before anything is
# installed, so install first and start over with the other goals.
ifneq ($(filter deps,$(goals)),)

others := $(filter-out deps,$(goals))
.PHONY: deps $(others)
deps: ## install what is missing with the system's package manager
	@$(deps) check || { $(deps) install && rm -f config.mk; }
	+$(if $(others),@$(MAKE) $(others))
$(others): deps
	@:

else

# ---- Configuration. The goals in this list do without it.

unconfigured := help clean distclean dist format check-format check-reference check-metrics

ifneq ($(filter-out $(unconfigured),$(goals)),)
include config.mk
endif

$(srcdir)/configure: $(srcdir)/configure.ac $(srcdir)/include/mlpbn/version.h
	@command -v autoconf >/dev/null || { $(deps) hint autoconf >&2; exit 1; }
	cd $(srcdir) && autoconf && rm -rf autom4te.cache

config.mk: $(srcdir)/configure $(srcdir)/config.mk.in
	@if test -x config.status; then ./config.status --recheck && ./config.status; \
	else $(srcdir)/configure; fi

version := $(shell sed -n 's/^.define MLPBN_VERSION_[MP][A-Z]* *//p' \
    $(srcdir)/include/mlpbn/version.h | paste -sd. -)
abi := $(shell sed -n 's/^.define MLPBN_ABI *//p' $(srcdir)/include/mlpbn/version.h)
package := libmlpbn-$(version)

# ---- How a source is compiled and a program linked.

PYTHON = python3

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wdouble-promotion

# The flags of a source that sees only the public headers.
CPPFLAGS_public = -I$(srcdir)/include

# Lines are short unless V=1.
run = @mkdir -p $(@D);$(if $(V),set -x;,printf '  %-3s %s\n' $(1) $@;)

# $(call compile,FLAGS): the user's own flags come last and win.
compile = $(call run,CC)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) $(WERROR) \
    $(1) $(CPPFLAGS) $(optimized) $(SANITIZE) -MMD -MP -c -o $@ $<
link = $(call run,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@

# Kernels are three times slower with the -O2 of distributions, which leaves loops rolled.
optimized = $(if $(filter obj/lib/kernel/%,$@),$(patsubst -O2,-O3,$(CFLAGS)),$(CFLAGS))

# The recipe of a program that is made of the first prerequisite and the library.
link_program = $(link) $< $(link_library) $(LIBS)

build_cxx = $(call run,CXX)$(CXX) -std=c++11 -Wall -Wextra -Wpedantic $(WERROR) \
    $(CPPFLAGS_public) $(CPPFLAGS) $(CXXFLAGS) $(SANITIZE) $(LDFLAGS) \
    -MMD -MP -MF obj/$(@F).d -o $@ $< $(link_library) $(LIBS)

# $(call find,PATTERNS): names of files, relative to the source folder.
find = $(patsubst $(srcdir)/%,%,$(wildcard $(addprefix $(srcdir)/,$(1))))

comma := ,
space := $(subst ,, )

# ---- Targets.

.PHONY: all
all: library examples ## build libraries and examples (the default)

included := $(addprefix $(srcdir)/,lib/lib.mk examples/examples.mk tests/tests.mk \
    $(call find,tests/*/*.mk) pkgconfig/install.mk build-aux/dist.mk)
include $(included)

# bench.mk asks the compiler which other libraries are installed, which takes a while.
ifneq ($(filter bench% obj/bench/%,$(goals)),)
include $(srcdir)/bench/bench.mk
endif

folders := include include/mlpbn lib/* lib/*/* examples examples/* tests/* bench/workers
formatted = $(wildcard $(foreach e,c h cpp hpp,$(folders:%=$(srcdir)/%/*.$e)))
clang-format = $(shell command -v clang-format-14 || echo clang-format)
.PHONY: format check-format
format: ## lay the sources out as .clang-format says
	$(clang-format) -i $(formatted)
check-format: ## fail if make format would change anything
	$(clang-format) --dry-run -Werror $(formatted)

.PHONY: clean distclean help
clean: ## remove what make built, but for results of the study
	rm -rf obj study/quick libmlpbn.a libmlpbn.so* libmlpbn*.dylib $(programs) \
	    $(cxx_examples) $(package).tar.gz demo.svg

distclean: clean ## remove what configure wrote, too
	rm -f config.mk config.status config.log
	rm -rf autom4te.cache
	test ! -L sources || { rm -f Makefile sources; rmdir $(example_folders) 2>/dev/null || :; }

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' \
	    $(srcdir)/Makefile $(included) $(srcdir)/bench/bench.mk

endif
