# Builds and runs what bench/README.md describes; the Makefile includes this.

# Only workers whose libraries are installed are built; run.py names and skips the others.
bench_header = $(shell printf '\043include <$(2)>\n' | $($(1)) -E -x $(3) - >/dev/null 2>&1 && echo yes)
bench_c := ours peak $(if $(filter no,$(CBLAS)),,sgemm) $(if $(call bench_header,CC,fann.h,c),fann)
bench_cxx := $(if $(CXX),$(if $(call bench_header,CXX,oneapi/dnnl/dnnl.hpp,c++),onednn) \
    $(if $(call bench_header,CXX,dlib/dnn.h,c++),dlib))
bench_workers := $(addprefix obj/bench/,$(bench_c) $(bench_cxx))
bench_parts := $(addprefix obj/bench/workers/,job.o dataset.o worker.o)

bench_libs_sgemm = $(BLAS_LIBS)
bench_libs_fann = -lfann
bench_libs_onednn = -ldnnl
bench_libs_dlib = $(or $(shell $(PKG_CONFIG) --libs dlib-1 2>/dev/null),-ldlib)

# Options for the peers' best speed: loops of the workers and of dlib's headers are compiled here.
bench_native = -O3 -march=native -ffp-contract=fast

obj/bench/workers/%.o: $(srcdir)/bench/workers/%.c config.mk
	$(call compile,$(bench_native) $(CPPFLAGS_public) $(patsubst -I%,-isystem%,$(BLAS_CFLAGS)))

obj/bench/workers/%.o: $(srcdir)/bench/workers/%.cpp config.mk
	$(call run,CXX)$(CXX) -std=c++14 -Wall -Wextra $(WERROR) $(bench_native) $(CPPFLAGS) \
	    $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(bench_c:%=obj/bench/%): obj/bench/%: obj/bench/workers/%_worker.o $(bench_parts) $(library)
	$(link) $(filter %.o,$^) $(if $(filter ours,$*),$(bench_rpath) $(link_library)) \
	    $(bench_libs_$*) -lm -pthread

$(bench_cxx:%=obj/bench/%): obj/bench/%: obj/bench/workers/%_worker.o $(bench_parts)
	$(call run,LD)$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(bench_libs_$*) -lm -pthread

# The library is two folders up from obj/bench.
bench_rpath = $(if $(filter yes,$(SHARED)),-Wl$(comma)-rpath$(comma)'$$ORIGIN/../..')

# BENCH="--only ref --peers ours,torch" chooses; --help tells.
BENCH =
bench_run = PYTHONDONTWRITEBYTECODE=1 python3 $(srcdir)/bench/$(1) $(BENCH)

.PHONY: bench bench-quick bench-growth bench-deps
bench: $(bench_workers) ## measure the library beside its peers (BENCH="--help")
	$(call bench_run,run.py)
bench-quick: $(bench_workers) ## the same in under a minute
	$(call bench_run,run.py --quick)
bench-growth: $(bench_workers) ## how cost grows with batch, width, depth, rows, threads
	$(call bench_run,growth.py $(srcdir)/docs)
bench-deps: ## install the peers that bench compares with
	sh $(srcdir)/bench/install_peers.sh $(deps)

-include $(wildcard obj/bench/workers/*.d)
