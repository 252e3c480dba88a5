# Builds, runs and tests what examples/README.md describes; the Makefile includes this.

# Programs in examples/; each is linked with what it needs of the other sources there.
EXAMPLES = cifar_init cifar_search cifar_train custom_loop early_stopping gradient_check predict \
    regression xor

programs := $(EXAMPLES:%=examples/%)
example_parts := $(filter-out $(programs:%=%.c),$(call find,examples/*.c))
cxx_examples := $(patsubst %.cpp,%_cpp,$(call find,examples/*.cpp))

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

# Tests of parts of the examples that need the library.
part_tests := obj/by_views obj/cut_windows

obj/tests/examples/%.o: $(srcdir)/tests/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public) -I$(srcdir)/examples)

$(part_tests): obj/%: obj/tests/examples/%.o obj/examples/parts.a $(library)
	$(link) $< obj/examples/parts.a $(link_library) -pthread $(LIBS)

# The scripts to run, by name.
EXAMPLE_TESTS = *
.PHONY: check-examples check-kill
check-examples: examples $(part_tests) ## test the example programs (EXAMPLE_TESTS="train resume")
	@$(script) $(sort $(wildcard $(EXAMPLE_TESTS:%=$(srcdir)/tests/examples/%.sh)))

KILLS = 100
check-kill: examples ## kill and resume training KILLS=100 times
	@KILLS=$(KILLS) $(script) $(srcdir)/tests/examples/kill.sh

# ---- Installation and cleaning.

example_documents := $(call find,examples/*.c examples/*.cpp examples/*.h examples/fetch_cifar10)
example_folders = examples

-include $(programs:%=obj/%.d) $(example_parts:%.c=obj/%.d) \
    $(patsubst examples/%,obj/%.d,$(cxx_examples))
