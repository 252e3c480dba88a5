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
TYPED = $(addprefix lib/train/,activate.c backward.c forward.c gather_rows.c loss_pass.c passes.c \
    products.c step.c)
KERNEL_PLAIN = lib/kernel/blas.c lib/kernel/dispatch.c

# Programs in examples/; all its other sources are linked to cifar_train, some to others.
EXAMPLES = cifar_train custom_loop gradient_check regression xor

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

sources := $(call find,lib/*/*.c)
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

# Only ELF linkers can wrap malloc, to let it fail.
unit_sources := $(filter-out $(if $(filter elf,$(PLATFORM)),,%/wrap.c),\
    $(call find,tests/unit/*.c))
unit_typed := $(filter tests/unit/typed_%,$(unit_sources))
unit_objects := $(patsubst %.c,obj/%.o,$(filter-out $(unit_typed),$(unit_sources))) \
    $(foreach t,$(types),$(unit_typed:%.c=obj/%.$t.o))
api_objects := $(patsubst %.c,obj/%.o,$(call find,tests/api/*.c))
cxx_programs := $(patsubst tests/api/%.cpp,obj/cxx_%,$(call find,tests/api/*.cpp))

# ---- How it is built.

CPPFLAGS_lib = -I$(srcdir)/include -I$(srcdir)/lib $(CBLAS_DEFINES) $(ISA_DEFINES) \
    -DMLPBN_THREADS=$(if $(filter yes,$(THREADS)),1,0) \
    $(if $(filter no,$(DEBUG)),-DNDEBUG) $(patsubst -I%,-isystem%,$(BLAS_CFLAGS))
CPPFLAGS_kernel = $(if $(filter no,$(DEBUG)),-O3 -ffp-contract=fast)
CPPFLAGS_public = -I$(srcdir)/include
CPPFLAGS_unit = -I$(srcdir)/include -I$(srcdir)/lib $(CHECK_CFLAGS) $(CBLAS_DEFINES) $(ISA_DEFINES) \
    -DMLPBN_TEST_THREADS=$(if $(filter yes,$(THREADS)),1,0) \
    $(if $(filter elf,$(PLATFORM)),-DMLPBN_TEST_WRAP=1)

# $(call compile,FLAGS): the user's own flags come last and win.
compile = $(call run,CC)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) $(WERROR) \
    $(1) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<
compile_lib = $(call compile,-fPIC -fvisibility=hidden $(CPPFLAGS_lib) $(1))
link = $(call run,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@

# Short lines unless V=1.
run = @mkdir -p $(@D);$(if $(V),set -x;,printf '  %-3s %s\n' $(1) $@;)

# What the library itself needs, and how a program in the build tree reaches it.
private_libs = $(BLAS_LIBS) -lm -pthread
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

.PHONY: examples
examples: $(programs) ## build the programs in examples/

obj/examples/%.o: $(srcdir)/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public))

$(programs): examples/%: obj/examples/%.o $(library)
	$(link) $(filter %.o,$^) $(link_library) $(LIBS)
examples/cifar_train: $(example_parts:%.c=obj/%.o)
examples/gradient_check: $(patsubst %,obj/examples/%.o,cifar synthetic)

.PHONY: demo
demo: examples/cifar_train ## train on pictures drawn from a seed; demo.svg shows the curves
	@if command -v gnuplot >/dev/null; then \
	    examples/cifar_train --plot demo.svg; \
	else \
	    $(deps) hint gnuplot; echo "Going on without a picture."; examples/cifar_train; \
	fi

# ---- Tests.

obj/tests/unit/%.o: $(srcdir)/tests/unit/%.c config.mk
	$(call compile,$(CPPFLAGS_unit))

obj/tests/api/%.o: $(srcdir)/tests/api/%.c config.mk
	$(call compile,$(CPPFLAGS_public) $(CHECK_CFLAGS))

comma := ,
wrap := $(if $(filter elf,$(PLATFORM)),$(addprefix -Wl$(comma)--wrap=,malloc calloc))

obj/unit: $(unit_objects) libmlpbn.a
	$(link) $(wrap) $(unit_objects) libmlpbn.a $(CHECK_LIBS) $(private_libs) $(LIBS)

obj/api: $(api_objects) $(library)
	$(link) $(api_objects) $(link_library) $(CHECK_LIBS) -pthread $(LIBS)

obj/cxx_%: $(srcdir)/tests/api/%.cpp $(library) config.mk
	$(call run,CXX)$(CXX) -std=c++11 -Wall -Wextra -Wpedantic $(WERROR) \
	    $(CPPFLAGS_public) $(CPPFLAGS) $(CXXFLAGS) $(SANITIZE) $(LDFLAGS) -MMD -MP -MF $@.d \
	    -o $@ $< $(link_library) $(LIBS)

# RUN is put before each test program, as in RUN="valgrind -q".
RUN =
tools := layers names headers symbols abi pc
suites := unit api examples tools

# For the scripts of tests/examples and tests/tools.
environment = SRCDIR=$(srcdir) EXAMPLES=$(CURDIR)/examples CC="$(CC)" CXX="$(CXX)" \
    CFLAGS="$(CFLAGS)" SANITIZE="$(SANITIZE)" LDFLAGS="$(LDFLAGS)" NM="$(NM)" \
    PKG_CONFIG="$(PKG_CONFIG)" PLATFORM=$(PLATFORM) STATIC_LIBRARY=libmlpbn.a \
    SHARED_LIBRARY=$(if $(filter yes,$(SHARED)),$(shared)) STATIC=$(STATIC) MAKE="$(MAKE)"
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

check-examples: examples ## test the example programs
	@$(script) $(sort $(wildcard $(srcdir)/tests/examples/*.sh))

check-tools: libmlpbn.a $(shared_files) ## check sources, symbols, ABI and installation
	+@$(script) $(tools:%=$(srcdir)/tests/tools/%.sh)

.PHONY: abi-update check-valgrind check-sanitize check-thread
abi-update: $(shared) ## make this build the ABI that later ones are compared with
	@$(environment) sh $(srcdir)/tests/tools/abi.sh --update

check-valgrind: needs-check obj/unit obj/api ## unit and api under valgrind
	@command -v valgrind >/dev/null || { $(deps) hint valgrind >&2; exit 1; }
	CK_FORK=no $(MAKE) check-unit check-api RUN="valgrind -q --leak-check=full \
	    --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=9"

# $(call separately,FOLDER,CONFIGURE'S ARGUMENTS,GOALS): configure and build elsewhere.
separately = mkdir -p obj/$(1) && cd obj/$(1) && $(abspath $(srcdir))/configure -q \
    CC="$(CC)" --with-blas=$(CBLAS) --enable-threads=$(THREADS) $(2) && $(MAKE) $(3)

check-sanitize: ## tests and examples with address and undefined sanitizer
	+$(call separately,sanitize,--enable-sanitize=address$(comma)undefined,\
	    check-unit check-api check-examples)

check-thread: ## unit and api with the thread sanitizer
	+CK_FORK=no $(SHELL) -ec '$(call separately,thread,--enable-sanitize=thread,\
	    check-unit check-api)'

# The suite "reference" of tests/api needs the numbers alone, this needs PyTorch.
PYTHON = python3
.PHONY: check-reference
check-reference: ## compute the numbers that PyTorch gave anew (PYTHON=)
	@$(PYTHON) -c 'import torch' 2>/dev/null || { $(deps) hint torch >&2; \
	    echo "Or name a python that has it: make check-reference PYTHON=..." >&2; exit 1; }
	$(PYTHON) $(srcdir)/tests/reference/make_reference.py --check \
	    $(srcdir)/tests/reference/torch_fixtures.inc

formatted = $(foreach d,include include/mlpbn lib/* examples tests/* bench/workers,$(wildcard \
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
    lib/README.md bench/README.md examples/*.c examples/*.h examples/fetch_cifar10)
document_folders = $(addprefix $(docdir)/,bench docs examples lib)
pkgconfigdir = $(libdir)/pkgconfig
libraries = $(if $(filter yes,$(STATIC)),libmlpbn.a) $(shared_files)

# Everything that install makes, for uninstall.
installed = $(headers:include/%=$(includedir)/%) $(libraries:%=$(libdir)/%) \
    $(pkgconfigdir)/mlpbn.pc $(documents:%=$(docdir)/%)
installed_folders = $(includedir)/mlpbn $(document_folders) $(docdir)

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

.PHONY: install uninstall
install: libmlpbn.a $(shared_files) ## install library, headers and documents (DESTDIR=)
	install -d $(addprefix $(DESTDIR),$(includedir)/mlpbn $(pkgconfigdir) $(document_folders))
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

clean: ## remove what make built
	rm -rf obj libmlpbn.a libmlpbn.so* libmlpbn*.dylib $(programs) $(package).tar.gz demo.svg

distclean: clean ## remove what configure wrote, too
	rm -f config.mk config.status config.log
	rm -rf autom4te.cache
	test ! -L Makefile || { rm -f Makefile; rmdir examples 2>/dev/null || :; }

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' \
	    $(srcdir)/Makefile $(srcdir)/bench/bench.mk

-include $(patsubst %.o,%.d,$(objects) $(unit_objects) $(api_objects) \
    $(programs:%=obj/%.o) $(example_parts:%.c=obj/%.o)) $(cxx_programs:%=%.d)

endif
