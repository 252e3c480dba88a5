# Builds and runs the tests: each suite alone, all of them, and the same under sanitizers,
# valgrind and on another processor. The Makefile includes this.

# RUN is put before each test program, as in RUN="valgrind -q".
RUN =
suites := unit api fuzz examples tools

# A sanitizer must see an absurd size refused as other programs do, not end the program.
export ASAN_OPTIONS ?= allocator_may_return_null=1
export TSAN_OPTIONS ?= allocator_may_return_null=1
export UBSAN_OPTIONS ?= print_stacktrace=1

.PHONY: check needs-check $(suites:%=check-%)
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

# The scripts of tests/examples and tests/tools learn from these how things are built.
environment = SRCDIR=$(srcdir) EXAMPLES="$(CURDIR)/examples" CC="$(CC)" CXX="$(CXX)" \
    CFLAGS="$(CFLAGS)" SANITIZE="$(SANITIZE)" LDFLAGS="$(LDFLAGS)" NM="$(NM)" \
    PKG_CONFIG="$(PKG_CONFIG)" PLATFORM=$(PLATFORM) STATIC_LIBRARY=libmlpbn.a \
    SHARED_LIBRARY=$(if $(filter yes,$(SHARED)),$(shared)) STATIC=$(STATIC) MAKE="$(MAKE)" \
    COMPILERS="$(COMPILERS)"
script = $(environment) sh $(srcdir)/tests/tools/run-scripts

# Test programs that see no more than a user of the library does.
obj/tests/%.o: $(srcdir)/tests/%.c config.mk
	$(call compile,$(CPPFLAGS_public))

# ---- unit: the parts inside. Files named typed_* are compiled for float and for double.

# Only ELF linkers can wrap malloc, to let it fail or to see that nobody calls it.
unit_sources := $(filter-out $(if $(filter elf,$(PLATFORM)),,%/wrap.c),$(call find,tests/unit/*.c))
unit_typed := $(filter tests/unit/typed_%,$(unit_sources))
unit_objects := $(patsubst %.c,obj/%.o,$(filter-out $(unit_typed),$(unit_sources))) \
    $(foreach t,$(types),$(unit_typed:%.c=obj/%.$t.o))

CPPFLAGS_unit = -I$(srcdir)/include -I$(srcdir)/lib $(CHECK_CFLAGS) $(CBLAS_DEFINES) $(ISA_DEFINES) \
    -DMLPBN_TEST_THREADS=$(if $(filter yes,$(THREADS)),1,0) \
    $(if $(filter elf,$(PLATFORM)),-DMLPBN_TEST_WRAP=1)

obj/tests/unit/%.o: $(srcdir)/tests/unit/%.c config.mk
	$(call compile,$(CPPFLAGS_unit))

define unit_rule
obj/tests/unit/%.$(1).o: $$(srcdir)/tests/unit/%.c config.mk
	$$(call compile,$$(CPPFLAGS_unit) -DMLPBN_REAL=$(1:f%=%))
endef
$(foreach t,$(types),$(eval $(call unit_rule,$t)))

wrap := $(if $(filter elf,$(PLATFORM)),$(addprefix -Wl$(comma)--wrap=,malloc calloc realloc \
    free fsync rename write ftruncate fchmod flock fstat open pthread_mutex_lock cblas_sgemm cblas_dgemm))

# Main, and what both suites compare with.
shared_objects := obj/tests/runner/suites.o \
    $(addprefix obj/tests/reference/,activation_reference.o loss_reference.o)
$(shared_objects): CPPFLAGS_public += $(CHECK_CFLAGS)

obj/unit: $(unit_objects) $(shared_objects) libmlpbn.a
	$(link) $(wrap) $(unit_objects) $(shared_objects) libmlpbn.a $(CHECK_LIBS) $(private_libs) $(LIBS)

check-unit: needs-check obj/unit ## test the parts inside
	CK_VERBOSITY=normal $(RUN) obj/unit

# ---- api: what programs see, in C and in C++.

api_objects := $(patsubst %.c,obj/%.o,$(call find,tests/api/*.c))
cxx_programs := $(patsubst tests/api/%.cpp,obj/cxx_%,$(call find,tests/api/*.cpp))

obj/tests/api/%.o: $(srcdir)/tests/api/%.c config.mk
	$(call compile,$(CPPFLAGS_public) $(CHECK_CFLAGS) \
	    -DAPI_CORPUS='"$(CURDIR)/$(srcdir)/tests/fuzz/corpus"')

obj/api: $(api_objects) $(shared_objects) $(library)
	$(link) $(api_objects) $(shared_objects) $(link_library) $(CHECK_LIBS) -pthread $(LIBS)

obj/cxx_%: $(srcdir)/tests/api/%.cpp $(library) config.mk
	$(build_cxx)

check-api: needs-check obj/api $(if $(CXX),$(cxx_programs)) ## test what programs see
	CK_VERBOSITY=normal $(RUN) obj/api
	$(if $(CXX),$(foreach p,$(cxx_programs),$(RUN) $p &&) :,@echo "skip C++: no compiler")

# ---- The same, watched or elsewhere.

.PHONY: check-valgrind check-sanitize check-thread check-arm
check-valgrind: needs-check obj/unit obj/api ## unit and api under valgrind
	@command -v valgrind >/dev/null || { $(deps) hint valgrind >&2; exit 1; }
	CK_FORK=no CK_EXCLUDE_TAGS=large $(MAKE) check-unit check-api \
	    RUN="valgrind -q --leak-check=full --show-leak-kinds=definite \
	    --errors-for-leak-kinds=definite --error-exitcode=9"

# $(call separately,FOLDER,CONFIGURE'S ARGUMENTS,GOALS): configure and build elsewhere.
separately = mkdir -p obj/$(1) && cd obj/$(1) && "$(CURDIR)/$(srcdir)/configure" -q \
    CC="$(CC)" --with-blas=$(CBLAS) --enable-threads=$(THREADS) $(2) && $(MAKE) $(3)

# To fork for each test would double the time: all the sanitizer's memory is mapped anew.
check-sanitize: ## tests and examples with address and undefined sanitizer
	+export CK_FORK=no; $(call separately,sanitize,--enable-sanitize=address$(comma)undefined,\
	    check-unit check-api check-fuzz check-examples)

# The threads of a BLAS are not instrumented: what they do looks like a race.
check-thread: ## unit and api with the thread sanitizer
	+export CK_FORK=no CK_EXCLUDE_TAGS=large; $(call separately,thread,\
	    --enable-sanitize=thread --without-blas,check-unit check-api)

# The vector code of another processor, whose numbers are compared with long double.
check-arm: ## build for 64-bit ARM and check gradients in an emulator
	@$(deps) check arm || { $(deps) hint arm >&2; exit 1; }
	+mkdir -p obj/arm && cd obj/arm && "$(CURDIR)/$(srcdir)/configure" -q \
	    --host=aarch64-linux-gnu CC=aarch64-linux-gnu-gcc --without-blas \
	    && $(MAKE) libmlpbn.so examples/xor examples/gradient_check
	cd obj/arm && for program in xor gradient_check; do \
	    qemu-aarch64 -L /usr/aarch64-linux-gnu examples/$$program || exit 1; done

-include $(patsubst %.o,%.d,$(unit_objects) $(shared_objects) $(api_objects)) $(cxx_programs:%=%.d)
