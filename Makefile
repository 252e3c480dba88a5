# Builds, tests and installs libmlpbn with GNU make; `make help` lists the targets.
# What ./configure found out about the system stands in config.mk.

# A build folder of its own reaches this file, and so the sources, through a link.
srcdir := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))
ifeq ($(srcdir),$(realpath $(CURDIR)))
srcdir := .
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- What is built. Sources are found by themselves, but for the lists here.

# Compiled for float and for double (MLPBN_REAL=32 and 64). Files of lib/kernel always
# are, once for each instruction set (MLPBN_ISA); those in KERNEL_PLAIN for none.
TYPED = $(addprefix lib/nn/,activation.c backward.c dropout_mask.c forward.c input_layer.c layer.c \
    layer_params.c linear.c loss.c matmul.c normalize.c optimizer_step.c predict.c \
    running_statistics.c train.c typed_ops.c)
KERNEL_PLAIN = lib/kernel/blas.c lib/kernel/dispatch.c

# Programs in examples/; each is linked with what it needs of the other sources there.
EXAMPLES = cifar_init cifar_search cifar_train custom_loop early_stopping gradient_check predict \
    regression xor

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wdouble-promotion

# ---- Configuration. Some goals must do without it.

goals := $(or $(MAKECMDGOALS),all)
unconfigured := help clean distclean dist format check-format check-reference

version := $(shell sed -n 's/^.define MLPBN_VERSION_[MP][A-Z]* *//p' \
    $(srcdir)/include/mlpbn/version.h | paste -sd. -)
abi := $(shell sed -n 's/^.define MLPBN_ABI *//p' $(srcdir)/include/mlpbn/version.h)
package := libmlpbn-$(version)
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

ifneq ($(filter-out $(unconfigured),$(goals)),)
include config.mk
endif

$(srcdir)/configure: $(srcdir)/configure.ac $(srcdir)/include/mlpbn/version.h
	@command -v autoconf >/dev/null || { $(deps) hint autoconf >&2; exit 1; }
	cd $(srcdir) && autoconf && rm -rf autom4te.cache

config.mk: $(srcdir)/configure $(srcdir)/config.mk.in
	@if test -x config.status; then ./config.status --recheck && ./config.status; \
	else $(srcdir)/configure; fi

# ---- Names of files.

find = $(patsubst $(srcdir)/%,%,$(wildcard $(addprefix $(srcdir)/,$(1))))

sources := $(call find,lib/*/*.c lib/*/*/*.c)
kernels := $(filter-out $(KERNEL_PLAIN),$(filter lib/kernel/%,$(sources)))
typed := $(filter $(TYPED) $(KERNEL_PLAIN),$(sources))
plain := $(filter-out $(kernels) $(typed),$(sources))
types := f32 f64

objects := $(plain:%.c=obj/%.o) $(foreach t,$(types),$(typed:%.c=obj/%.$t.o) \
    $(foreach i,$(ISAS),$(kernels:%.c=obj/%.$t.$i.o)))

ifeq ($(PLATFORM),darwin)
shared := libmlpbn.$(version).dylib
soname := libmlpbn.$(abi).dylib
devname := libmlpbn.dylib
else
shared := libmlpbn.so.$(version)
soname := libmlpbn.so.$(abi)
devname := libmlpbn.so
endif
shared_files := $(if $(filter yes,$(SHARED)),$(shared) $(soname) $(devname))

programs := $(EXAMPLES:%=examples/%)
example_parts := $(filter-out $(programs:%=%.c),$(call find,examples/*.c))

# Only ELF linkers can wrap malloc, to let it fail or to see that nobody calls it.
unit_sources := $(filter-out $(if $(filter elf,$(PLATFORM)),,%/wrap.c),\
    $(call find,tests/unit/*.c))
unit_typed := $(filter tests/unit/typed_%,$(unit_sources))
unit_objects := $(patsubst %.c,obj/%.o,$(filter-out $(unit_typed),$(unit_sources))) \
    $(foreach t,$(types),$(unit_typed:%.c=obj/%.$t.o))
api_objects := $(patsubst %.c,obj/%.o,$(call find,tests/api/*.c))
cxx_programs := $(patsubst tests/api/%.cpp,obj/cxx_%,$(call find,tests/api/*.cpp))
cxx_examples := $(patsubst %.cpp,%_cpp,$(call find,examples/*.cpp))

# ---- How it is built.

PYTHON = python3

jansson = -DMLPBN_JANSSON=$(if $(filter yes,$(JANSSON)),1,0)
CPPFLAGS_lib = -I$(srcdir)/include -I$(srcdir)/lib $(CBLAS_DEFINES) $(ISA_DEFINES) \
    -DMLPBN_THREADS=$(if $(filter yes,$(THREADS)),1,0) $(JANSSON_CFLAGS) $(jansson) \
    $(if $(filter no,$(DEBUG)),-DNDEBUG) $(patsubst -I%,-isystem%,$(BLAS_CFLAGS))
# Nobody reads errno after a kernel, and keeping it would forbid vectors of square roots.
CPPFLAGS_kernel = -fno-math-errno $(if $(filter no,$(DEBUG)),-ffp-contract=fast)
CPPFLAGS_public = -I$(srcdir)/include
CPPFLAGS_unit = -I$(srcdir)/include -I$(srcdir)/lib $(CHECK_CFLAGS) $(CBLAS_DEFINES) $(ISA_DEFINES) \
    $(jansson) -DMLPBN_TEST_THREADS=$(if $(filter yes,$(THREADS)),1,0) \
    $(if $(filter elf,$(PLATFORM)),-DMLPBN_TEST_WRAP=1)

# Kernels are three times slower with the -O2 of distributions, which leaves loops rolled.
optimized = $(if $(filter obj/lib/kernel/%,$@),$(patsubst -O2,-O3,$(CFLAGS)),$(CFLAGS))

# $(call compile,FLAGS): the user's own flags come last and win.
compile = $(call run,CC)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) $(WERROR) \
    $(1) $(CPPFLAGS) $(optimized) $(SANITIZE) -MMD -MP -c -o $@ $<
compile_lib = $(call compile,-fPIC -fvisibility=hidden $(CLEAR_FLAGS) $(CPPFLAGS_lib) $(1))
link = $(call run,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@

# Short lines unless V=1.
run = @mkdir -p $(@D);$(if $(V),set -x;,printf '  %-3s %s\n' $(1) $@;)

# What the library itself needs, and how a program in the build tree reaches it.
private_libs = $(BLAS_LIBS) $(JANSSON_LIBS) -lm -pthread
ifeq ($(PLATFORM),darwin)
rpath = -Wl,-rpath,@loader_path/..
else
rpath = -Wl,-rpath,'$$ORIGIN/..'
endif
library = $(if $(filter yes,$(SHARED)),$(devname),libmlpbn.a)
link_library = $(library) $(if $(filter yes,$(SHARED)),$(rpath),$(private_libs)) -lm

.PHONY: all
all: libmlpbn.a $(shared_files) examples ## build libraries and examples (the default)

obj/lib/%.o: $(srcdir)/lib/%.c config.mk
	$(call compile_lib)

define typed_rules
obj/lib/%.$(1).o: $$(srcdir)/lib/%.c config.mk
	$$(call compile_lib,$$(if $$(filter obj/lib/kernel/%,$$@),$$(CPPFLAGS_kernel)) -DMLPBN_REAL=$(1:f%=%))

obj/tests/unit/%.$(1).o: $$(srcdir)/tests/unit/%.c config.mk
	$$(call compile,$$(CPPFLAGS_unit) -DMLPBN_REAL=$(1:f%=%))
endef
define kernel_rule
obj/lib/kernel/%.$(1).$(2).o: $$(srcdir)/lib/kernel/%.c config.mk
	$$(call compile_lib,$$(CPPFLAGS_kernel) -DMLPBN_REAL=$(1:f%=%) -DMLPBN_ISA=$(2) $$($(2)_FLAGS))
endef
$(foreach t,$(types),$(eval $(call typed_rules,$t)))
$(foreach t,$(types),$(foreach i,$(ISAS),$(eval $(call kernel_rule,$t,$i))))

libmlpbn.a: $(objects)
	$(call run,AR)rm -f $@ && $(AR) rcs $@ $(objects)

ifeq ($(PLATFORM),darwin)

obj/libmlpbn.exports: $(srcdir)/lib/libmlpbn.sym
	$(call run,GEN)awk '{ print "_" $$1 }' $< >$@

$(shared): $(objects) obj/libmlpbn.exports
	$(link) -dynamiclib -install_name @rpath/$(soname) \
	    -compatibility_version $(abi) -current_version $(version) \
	    -exported_symbols_list obj/libmlpbn.exports $(objects) $(private_libs) $(LIBS)

else

# One version node for each release that brought new names; each inherits from the last.
obj/libmlpbn.map: $(srcdir)/lib/libmlpbn.sym
	$(call run,GEN)sed 's/^\([^ ]*\) MLPBN_\(.*\)/\2 \1/' $< | sort -t. -k1,1n -k2,2n | awk '\
	    $$1 "" != node { \
	        printf "%sMLPBN_%s {\n    global:\n", tail, $$1; \
	        tail = (node ? "} MLPBN_" node : "    local:\n        *;\n}") ";\n"; \
	        node = $$1 } \
	    { print "        " $$2 ";" } \
	    END { printf "%s", tail }' >$@

# A sanitizer's own names stay undefined in a shared library.
$(shared): $(objects) obj/libmlpbn.map
	$(link) -shared -Wl,-soname,$(soname) -Wl,--version-script=obj/libmlpbn.map \
	    $(if $(SANITIZE),,-Wl,-z,defs) $(objects) $(private_libs) $(LIBS)

endif

$(soname): $(shared)
	@ln -sf $(shared) $@
$(devname): $(soname)
	@ln -sf $(soname) $@

build_cxx = $(call run,CXX)$(CXX) -std=c++11 -Wall -Wextra -Wpedantic $(WERROR) \
    $(CPPFLAGS_public) $(CPPFLAGS) $(CXXFLAGS) $(SANITIZE) $(LDFLAGS) \
    -MMD -MP -MF obj/$(@F).d -o $@ $< $(link_library) $(LIBS)

.PHONY: examples
examples: $(programs) $(if $(CXX),$(cxx_examples)) ## build the programs in examples/

obj/examples/%.o: $(srcdir)/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public))

obj/examples/parts.a: $(example_parts:%.c=obj/%.o)
	$(call run,AR)rm -f $@ && $(AR) rcs $@ $^

$(programs): examples/%: obj/examples/%.o obj/examples/parts.a $(library)
	$(link) $< obj/examples/parts.a $(link_library) -pthread $(LIBS)

$(cxx_examples): %_cpp: $(srcdir)/%.cpp $(library) config.mk
	@mkdir -p obj
	$(build_cxx)

.PHONY: demo
demo: examples/cifar_train ## train on pictures drawn from a seed; demo.svg shows the curves
	@if command -v gnuplot >/dev/null; then \
	    examples/cifar_train --plot demo.svg; \
	else \
	    $(deps) hint gnuplot; echo "Going on without a picture."; examples/cifar_train; \
	fi

# The folder of results keeps what is finished: killed, the study goes on where it was.
study_programs = $(addprefix examples/,cifar_init cifar_search gradient_check)
run_study = $(PYTHON) -B $(srcdir)/examples/study/study.py --programs examples

.PHONY: study study-quick study-recipe
study: $(study_programs) ## repeat the whole study; writes docs/reproduction.md (CIFAR10_DIR=)
	$(run_study) --results study --docs $(srcdir)/docs
study-quick: $(study_programs) ## the same in a minute, to see that it works: study/quick
	rm -rf study/quick
	$(run_study) --results study/quick --quick
study-recipe: examples/cifar_train ## what each ingredient of --recipe best brings; half an hour
	$(PYTHON) -B $(srcdir)/examples/study/recipe.py --programs examples --results study

# ---- Tests.

obj/tests/unit/%.o: $(srcdir)/tests/unit/%.c config.mk
	$(call compile,$(CPPFLAGS_unit))

obj/tests/api/%.o: $(srcdir)/tests/api/%.c config.mk
	$(call compile,$(CPPFLAGS_public) $(CHECK_CFLAGS) $(jansson) \
	    -DAPI_CORPUS='"$(abspath $(srcdir))/tests/fuzz/corpus"')

comma := ,
wrap := $(if $(filter elf,$(PLATFORM)),$(addprefix -Wl$(comma)--wrap=,malloc calloc realloc \
    free fsync rename write pthread_mutex_lock cblas_sgemm cblas_dgemm))

obj/unit: $(unit_objects) libmlpbn.a
	$(link) $(wrap) $(unit_objects) libmlpbn.a $(CHECK_LIBS) $(private_libs) $(LIBS)

obj/api: $(api_objects) $(library)
	$(link) $(api_objects) $(link_library) $(CHECK_LIBS) -pthread $(LIBS)

obj/tests/export/%.o: $(srcdir)/tests/export/%.c config.mk
	$(call compile,$(CPPFLAGS_public))

obj/export_cases obj/import_onnx: obj/%: obj/tests/export/%.o $(library)
	$(link) $< $(link_library) $(LIBS)

# Tests of parts of the examples that need the library.
part_tests := obj/by_views obj/cut_windows

obj/tests/examples/%.o: $(srcdir)/tests/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public) -I$(srcdir)/examples)

$(part_tests): obj/%: obj/tests/examples/%.o obj/examples/parts.a $(library)
	$(link) $< obj/examples/parts.a $(link_library) -pthread $(LIBS)

obj/cxx_%: $(srcdir)/tests/api/%.cpp $(library) config.mk
	$(build_cxx)

# Each of tests/fuzz/fuzz_*.c twice: for libFuzzer, and as a program that reads files.
fuzzers := $(filter-out $(if $(filter no,$(JANSSON)),load),\
    $(patsubst tests/fuzz/fuzz_%.c,%,$(call find,tests/fuzz/fuzz_*.c)))

obj/fuzz_%: $(srcdir)/tests/fuzz/fuzz_%.c libmlpbn.a config.mk
	$(call run,LD)$(CC) -std=c11 $(CPPFLAGS_public) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) \
	    -fsanitize=fuzzer $(LDFLAGS) -o $@ $< libmlpbn.a $(private_libs) $(LIBS)

obj/replay_%: $(srcdir)/tests/fuzz/fuzz_%.c libmlpbn.a config.mk
	$(call run,LD)$(CC) -std=c11 $(WARNINGS) $(WERROR) -DFUZZ_MAIN $(CPPFLAGS_public) \
	    $(CPPFLAGS) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $< libmlpbn.a $(private_libs) $(LIBS)

# RUN is put before each test program, as in RUN="valgrind -q".
RUN =
tools := layers names headers symbols abi pc cmake export
suites := unit api fuzz examples tools

# For the scripts of tests/examples and tests/tools.
environment = SRCDIR=$(srcdir) JANSSON=$(JANSSON) EXAMPLES=$(CURDIR)/examples CC="$(CC)" CXX="$(CXX)" \
    CFLAGS="$(CFLAGS)" SANITIZE="$(SANITIZE)" LDFLAGS="$(LDFLAGS)" NM="$(NM)" \
    PKG_CONFIG="$(PKG_CONFIG)" PLATFORM=$(PLATFORM) STATIC_LIBRARY=libmlpbn.a \
    SHARED_LIBRARY=$(if $(filter yes,$(SHARED)),$(shared)) STATIC=$(STATIC) MAKE="$(MAKE)" \
    COMPILERS="$(COMPILERS)"
script = $(environment) sh $(srcdir)/tests/tools/run-scripts

# A sanitizer must see an absurd size refused as other programs do, not end the program.
export ASAN_OPTIONS ?= allocator_may_return_null=1
export TSAN_OPTIONS ?= allocator_may_return_null=1
export UBSAN_OPTIONS ?= print_stacktrace=1

.PHONY: check check-sources needs-check $(suites:%=check-%)
# One after the other, so that their lines do not mix; all, even if one fails.
check: all $(if $(filter yes,$(CHECK)),obj/unit obj/api) ## run every test
	+@failed=; for suite in $(suites); do \
	    $(MAKE) --no-print-directory check-$$suite || failed="$$failed $$suite"; \
	done; \
	test -z "$$failed" || { echo "make check: failed:$$failed"; exit 1; }; \
	echo "make check: all passed"

needs-check:
	@test $(CHECK) = yes || { $(deps) hint check >&2; \
	    echo "and run ./configure again" >&2; exit 1; }

check-unit: needs-check obj/unit ## test the parts inside
	CK_VERBOSITY=normal $(RUN) obj/unit

check-api: needs-check obj/api $(if $(CXX),$(cxx_programs)) ## test what programs see
	CK_VERBOSITY=normal $(RUN) obj/api
	$(if $(CXX),$(foreach p,$(cxx_programs),$(RUN) $p &&) :,@echo "skip C++: no compiler")

check-fuzz: $(fuzzers:%=obj/replay_%) ## read the files that fuzzing has found
	$(foreach f,$(fuzzers),$(RUN) obj/replay_$f $(srcdir)/tests/fuzz/corpus/$f/* &&) :

# The scripts to run, by name.
EXAMPLE_TESTS = *
check-examples: examples $(part_tests) ## test the example programs (EXAMPLE_TESTS="train resume")
	@$(script) $(sort $(wildcard $(EXAMPLE_TESTS:%=$(srcdir)/tests/examples/%.sh)))

# COMPILERS=all: installed examples are built with gcc and clang, whichever was configured.
COMPILERS =
check-tools: libmlpbn.a $(shared_files) obj/export_cases ## check sources, symbols, ABI and installation
	+@$(script) $(tools:%=$(srcdir)/tests/tools/%.sh)

# A change that is to keep every bit compares what this prints before and after it.
obj/bit_hashes: $(srcdir)/tests/tools/bit_hashes.c $(library) config.mk
	$(call run,LD)$(CC) -std=c11 $(WARNINGS) $(WERROR) $(CPPFLAGS_public) $(CPPFLAGS) $(CFLAGS) \
	    $(SANITIZE) $(LDFLAGS) -o $@ $< $(link_library) $(LIBS)

.PHONY: hashes
hashes: obj/bit_hashes ## print a hash of all that small networks of every kind compute
	@for cpu in avx512 avx2 generic; do \
	    MLPBN_CPU=$$cpu obj/bit_hashes | sed "s/^/$$cpu /" || exit 1; done

.PHONY: check-kill
KILLS = 100
check-kill: examples ## kill and resume training KILLS=100 times
	@KILLS=$(KILLS) $(script) $(srcdir)/tests/examples/kill.sh

.PHONY: abi-update check-valgrind check-sanitize check-thread
abi-update: $(shared) ## make this build the ABI that later ones are compared with
	@$(environment) sh $(srcdir)/tests/tools/abi.sh --update

check-valgrind: needs-check obj/unit obj/api ## unit and api under valgrind
	@command -v valgrind >/dev/null || { $(deps) hint valgrind >&2; exit 1; }
	CK_FORK=no CK_EXCLUDE_TAGS=large $(MAKE) check-unit check-api \
	    RUN="valgrind -q --leak-check=full --show-leak-kinds=definite \
	    --errors-for-leak-kinds=definite --error-exitcode=9"

# $(call separately,FOLDER,CONFIGURE'S ARGUMENTS,GOALS): configure and build elsewhere.
separately = mkdir -p obj/$(1) && cd obj/$(1) && $(abspath $(srcdir))/configure -q \
    CC="$(CC)" --with-blas=$(CBLAS) --with-jansson=$(JANSSON) --enable-threads=$(THREADS) $(2) && $(MAKE) $(3)

check-sanitize: ## tests and examples with address and undefined sanitizer
	+$(call separately,sanitize,--enable-sanitize=address$(comma)undefined,\
	    check-unit check-api check-fuzz check-examples)

# The vector code of another processor, whose numbers are compared with long double.
.PHONY: check-arm
check-arm: ## build for 64-bit ARM and check gradients in an emulator
	@$(deps) check arm || { $(deps) hint arm >&2; exit 1; }
	+mkdir -p obj/arm && cd obj/arm && $(abspath $(srcdir))/configure -q \
	    --host=aarch64-linux-gnu CC=aarch64-linux-gnu-gcc CXX=no --without-blas \
	    --without-jansson && $(MAKE) libmlpbn.so examples/xor examples/gradient_check
	cd obj/arm && for program in xor gradient_check; do \
	    qemu-aarch64 -L /usr/aarch64-linux-gnu examples/$$program || exit 1; done

# New finds stay in obj/fuzz/corpus.
FUZZ_SECONDS = 60
.PHONY: fuzz fuzz-targets
fuzz: ## feed the loaders with broken files (FUZZ_SECONDS=60 each; needs clang)
	+@command -v clang >/dev/null || { $(deps) hint clang >&2; exit 1; }
	+mkdir -p obj/fuzz && cd obj/fuzz && $(abspath $(srcdir))/configure -q CC=clang \
	    CFLAGS="-O1 -g -gdwarf-4 -fsanitize=fuzzer-no-link" --with-blas=$(CBLAS) --with-jansson \
	    --disable-shared --enable-sanitize=address$(comma)undefined && $(MAKE) fuzz-targets
	@for f in $(fuzzers); do mkdir -p obj/fuzz/corpus/$$f && \
	    obj/fuzz/obj/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 \
	        -dict=$(srcdir)/tests/fuzz/$$f.dict -artifact_prefix=obj/fuzz/ -print_final_stats=1 \
	        obj/fuzz/corpus/$$f $(srcdir)/tests/fuzz/corpus/$$f || exit 1; done

fuzz-targets: $(fuzzers:%=obj/fuzz_%)

# The threads of a BLAS are not instrumented: what they do looks like a race.
check-thread: ## unit and api with the thread sanitizer
	+CK_FORK=no CK_EXCLUDE_TAGS=large $(SHELL) -ec '$(call separately,thread,\
	    --enable-sanitize=thread --without-blas,check-unit check-api)'

# The suite "reference" of tests/api needs the numbers alone, this needs PyTorch.
.PHONY: check-reference
check-reference: ## compute the numbers that PyTorch gave anew (PYTHON=)
	@$(PYTHON) -c 'import torch' 2>/dev/null || { $(deps) hint torch >&2; \
	    echo "Or name a python that has it: make check-reference PYTHON=..." >&2; exit 1; }
	$(PYTHON) $(srcdir)/tests/reference/make_reference.py --check \
	    $(srcdir)/tests/reference/torch_fixtures.inc
	@test ! -x obj/api || { echo "largest difference from PyTorch, relative, by the norm:"; \
	    MLPBN_REFERENCE_TABLE=1 CK_FORK=no CK_RUN_SUITE=reference obj/api | \
	    awk -F'\t' '$$1 == "agrees" { split($$2, word, /[ ,]/); k = word[1] " " $$3; \
	        n[k]++; if ($$5 + 0 >= most[k] + 0) { most[k] = $$5; at[k] = $$2 ": " $$4 } } \
	    END { for (k in n) printf "  %-15s %5d arrays  %s  (%s)\n", k, n[k], most[k], at[k] }' \
	    | sort; }

# Programs that are not ours: they come from PyPI into obj/interop.
INTEROP = obj/interop/bin/python
.PHONY: interop-deps check-interop
interop-deps: ## install PyTorch, safetensors, onnx and ONNX Runtime for check-interop
	@$(deps) check torch venv || $(deps) install torch venv
	/usr/bin/python3 -m venv --system-site-packages obj/interop
	$(INTEROP) -m pip install -q safetensors onnx onnxruntime 'numpy<2' # as Debian's PyTorch

obj/torch_driver: $(srcdir)/tests/interop/torch_driver.c $(library) config.mk
	$(call run,LD)$(CC) -std=c11 $(WARNINGS) $(WERROR) $(CPPFLAGS_public) $(CPPFLAGS) $(CFLAGS) \
	    $(SANITIZE) $(LDFLAGS) -o $@ $< $(link_library) $(LIBS)

check-interop: all obj/torch_driver obj/export_cases obj/import_onnx ## exchange networks with PyTorch and ONNX Runtime (after interop-deps)
	@test -x $(INTEROP) || { echo "make interop-deps installs what it needs" >&2; exit 1; }
	$(INTEROP) $(srcdir)/tests/interop/torch_files.py obj/torch_driver
	rm -rf obj/exported && mkdir obj/exported && obj/export_cases obj/exported
	$(INTEROP) $(srcdir)/tests/interop/onnx_runtime.py obj/exported obj/import_onnx

formatted = $(foreach d,include include/mlpbn lib/* lib/*/* examples tests/* bench/workers,$(wildcard \
    $(addprefix $(srcdir)/$d/*.,c h cpp hpp)))
clang-format = $(shell command -v clang-format-14 || echo clang-format)
.PHONY: format check-format
format: ## lay the sources out as .clang-format says
	$(clang-format) -i $(formatted)
check-format: ## fail if make format would change anything
	$(clang-format) --dry-run -Werror $(formatted)

# ---- Measuring: bench, bench-quick, bench-growth, bench-deps.

ifneq ($(filter bench% obj/bench/%,$(goals)),)
include $(srcdir)/bench/bench.mk
endif

# ---- Installation.

headers := $(call find,include/*.h include/*.hpp include/mlpbn/*.h)
# They keep their folders, so that the links from one to the other hold.
documents := $(call find,README.md CONTRIBUTING.md COPYING ChangeLog docs/*.md docs/*.svg \
    lib/README.md bench/README.md examples/*.c examples/*.cpp examples/*.h \
    examples/fetch_cifar10)
document_folders = $(addprefix $(docdir)/,bench docs examples lib)
pkgconfigdir = $(libdir)/pkgconfig
cmakedir = $(libdir)/cmake/mlpbn
cmake_files = mlpbn-config.cmake mlpbn-config-version.cmake
libraries = $(if $(filter yes,$(STATIC)),libmlpbn.a) $(shared_files)

# Everything that install makes, for uninstall.
installed = $(headers:include/%=$(includedir)/%) $(libraries:%=$(libdir)/%) \
    $(pkgconfigdir)/mlpbn.pc $(cmake_files:%=$(cmakedir)/%) $(documents:%=$(docdir)/%)
installed_folders = $(includedir)/mlpbn $(cmakedir) $(dir $(cmakedir)) $(document_folders) $(docdir)

# Linux finds a new library in the system's folders only once its cache was written anew.
needs_ldconfig = $(and $(filter yes-elf,$(SHARED)-$(PLATFORM)),$(filter /usr/%,$(libdir)),\
    $(if $(DESTDIR),,yes))

# Folders below the prefix are written as such, so that the file can be moved with it.
# With a static library alone every program needs all that it needs.
relative = $(patsubst $(prefix)%,$${prefix}%,$(1))
pc_libs = $(strip $(private_libs) $(LIBS))
pc = sed -e 's|@prefix@|$(prefix)|' -e 's|@exec_prefix@|$(call relative,$(exec_prefix))|' \
    -e 's|@libdir@|$(call relative,$(libdir))|' \
    -e 's|@includedir@|$(call relative,$(includedir))|' -e 's|@VERSION@|$(version)|' \
    -e 's|@LIBS@|$(if $(filter no,$(SHARED)), $(pc_libs))|' \
    -e 's|@LIBS_PRIVATE@|$(if $(filter yes,$(SHARED)), $(pc_libs))|' \
    $(srcdir)/pkgconfig/mlpbn.pc.in

# For CMake, too: headers by their way from its folder, if both are below the prefix.
space := $(subst ,, )
up = $(subst $(space),/,$(patsubst %,..,$(subst /, ,$(cmakedir:$(prefix)/%=%))))
below = $(and $(filter $(prefix)/%,$(libdir)),$(filter $(prefix)/%,$(includedir)))
cmake_includes = $(if $(below),$(includedir:$(prefix)/%=$(up)/%),$(includedir))
# A framework is one item of two words.
cmake_libs = $(subst $(space),;,$(subst -framework ,-framework@,$(pc_libs)))
cmake = sed -e 's|@INCLUDEDIR@|$(cmake_includes)|' -e 's|@VERSION@|$(version)|' \
    -e 's|@STATIC@|$(STATIC)|' -e 's|@SHARED@|$(SHARED)|' -e 's|@SONAME@|$(soname)|' \
    -e 's|@SHARED_LIBRARY@|$(shared)|' \
    -e 's|@LIBS@|$(cmake_libs)|' -e 's|-framework@|-framework |g'

.PHONY: install uninstall
install: libmlpbn.a $(shared_files) ## install library, headers and documents (DESTDIR=)
	install -d $(addprefix $(DESTDIR),$(includedir)/mlpbn $(pkgconfigdir) $(cmakedir) \
	    $(document_folders))
	for f in $(headers:include/%=%); do \
	    install -m 644 $(srcdir)/include/$$f $(DESTDIR)$(includedir)/$$f || exit 1; done
	$(if $(filter yes,$(STATIC)),install -m 644 libmlpbn.a $(DESTDIR)$(libdir))
ifeq ($(SHARED),yes)
	install -m 755 $(shared) $(DESTDIR)$(libdir)
	ln -sf $(shared) $(DESTDIR)$(libdir)/$(soname)
	ln -sf $(soname) $(DESTDIR)$(libdir)/$(devname)
	$(if $(filter darwin,$(PLATFORM)),\
	    install_name_tool -id $(libdir)/$(soname) $(DESTDIR)$(libdir)/$(shared))
endif
	$(pc) >$(DESTDIR)$(pkgconfigdir)/mlpbn.pc
	chmod 644 $(DESTDIR)$(pkgconfigdir)/mlpbn.pc
	for f in $(cmake_files); do \
	    $(cmake) $(srcdir)/pkgconfig/$$f.in >$(DESTDIR)$(cmakedir)/$$f && \
	    chmod 644 $(DESTDIR)$(cmakedir)/$$f || exit 1; done
	for f in $(documents); do \
	    if test -x $(srcdir)/$$f; then mode=755; else mode=644; fi; \
	    install -m $$mode $(srcdir)/$$f $(DESTDIR)$(docdir)/$$f || exit 1; done
	$(if $(needs_ldconfig),@echo "Programs find $(soname) once ldconfig has run (as root).")

uninstall: ## remove what install made
	rm -f $(installed:%=$(DESTDIR)%)
	for d in $(installed_folders:%=$(DESTDIR)%); do rmdir $$d 2>/dev/null || :; done

# ---- Distribution and cleaning.

.PHONY: dist distcheck clean distclean help
dist: $(srcdir)/configure ## pack the tracked files and configure as libmlpbn-VERSION.tar.gz
	rm -rf obj/dist && mkdir -p obj/dist/$(package)
	cd $(srcdir) && { cat MANIFEST 2>/dev/null || { git ls-files | grep -v '^\.ci/' && \
	    echo configure; }; } >$(CURDIR)/obj/dist/$(package)/MANIFEST
	tar cf - -C $(srcdir) -T obj/dist/$(package)/MANIFEST | \
	    tar xpf - -C obj/dist/$(package)
	tar cf - -C obj/dist $(package) | gzip -9n >$(package).tar.gz
	rm -rf obj/dist

distcheck: dist ## build, test, install and remove what dist packed
	+MAKE="$(MAKE)" sh $(srcdir)/tests/tools/distcheck.sh $(package)

clean: ## remove what make built, but for results of the study
	rm -rf obj study/quick libmlpbn.a libmlpbn.so* libmlpbn*.dylib $(programs) \
	    $(cxx_examples) $(package).tar.gz demo.svg

distclean: clean ## remove what configure wrote, too
	rm -f config.mk config.status config.log
	rm -rf autom4te.cache
	test ! -L Makefile || { rm -f Makefile; rmdir examples 2>/dev/null || :; }

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' \
	    $(srcdir)/Makefile $(srcdir)/bench/bench.mk

-include $(patsubst %.o,%.d,$(objects) $(unit_objects) $(api_objects) \
    $(programs:%=obj/%.o) $(example_parts:%.c=obj/%.o)) $(cxx_programs:%=%.d) \
    $(patsubst examples/%,obj/%.d,$(cxx_examples))

endif
