# Builds, runs and tests what examples/README.md describes; the Makefile includes this.

# Programs of one page in examples/, and programs of the study of CIFAR-10. Each is linked with
# an archive of all other sources.
EXAMPLES = cifar_train custom_loop early_stopping gradient_check iris predict regression xor
STUDY_PROGRAMS = cifar_init cifar_search

study_programs := $(STUDY_PROGRAMS:%=examples/study/%)
programs := $(EXAMPLES:%=examples/%) $(study_programs)
example_parts := $(filter-out $(programs:%=%.c),$(call find,examples/*.c examples/study/*.c))
cxx_examples := $(patsubst %.cpp,%_cpp,$(call find,examples/*.cpp))

.PHONY: examples
examples: $(programs) $(if $(CXX),$(cxx_examples)) ## build the programs in examples/

obj/examples/%.o: $(srcdir)/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public))

obj/examples/parts.a: $(example_parts:%.c=obj/%.o)
	$(call run,AR)rm -f $@ && $(AR) rcs $@ $^

$(programs): examples/%: obj/examples/%.o obj/examples/parts.a $(library)
	$(link) $< obj/examples/parts.a $(link_library) -pthread $(LIBS)

# The library is one folder further up from examples/study.
$(study_programs): rpath := $(subst /..,/../..,$(rpath))

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

# The folder of results keeps finished runs: a study that was killed resumes.
run_study = $(PYTHON) -B $(srcdir)/examples/study/study.py --programs examples

.PHONY: study study-quick study-recipe
study: $(study_programs) examples/gradient_check ## repeat the whole study; writes docs/reproduction.md (CIFAR10_DIR=)
	$(run_study) --results study --docs $(srcdir)/docs
study-quick: $(study_programs) examples/gradient_check ## the same in a minute, to see that it works: study/quick
	rm -rf study/quick
	$(run_study) --results study/quick --quick
study-recipe: examples/cifar_train ## what each ingredient of --recipe best gains; half an hour
	$(PYTHON) -B $(srcdir)/examples/study/recipe.py --programs examples --results study

# ---- Tests.

# Tests of modules of the examples that are linked with the library.
part_tests := obj/check_tta obj/check_local_fields

obj/tests/examples/%.o: $(srcdir)/tests/examples/%.c config.mk
	$(call compile,$(CPPFLAGS_public) -I$(srcdir)/examples -I$(srcdir)/examples/study)

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

# Installed: the examples that examples/Makefile builds, with the modules of the study that
# they use.
study_alone = $(addprefix examples/study/,cifar_% init_% search% job_pool.% result_file.%)
example_documents := $(call find,examples/README.md examples/Makefile examples/fetch_cifar10 \
    examples/*.c examples/*.cpp examples/*.h examples/*.csv) \
    $(filter-out $(study_alone),$(call find,examples/study/*.c examples/study/*.h))
example_folders = examples/study examples

-include $(programs:%=obj/%.d) $(example_parts:%.c=obj/%.d) \
    $(patsubst examples/%,obj/%.d,$(cxx_examples))
