# Feeds malformed files to the loaders; the Makefile includes this. Each fuzz_*.c becomes two
# programs: one for libFuzzer, which searches for such files, and one that replays the corpus.

fuzzers := $(patsubst tests/fuzz/fuzz_%.c,%,$(call find,tests/fuzz/fuzz_*.c))

obj/fuzz_%: $(srcdir)/tests/fuzz/fuzz_%.c libmlpbn.a config.mk
	$(call run,LD)$(CC) -std=c11 $(CPPFLAGS_public) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) \
	    -fsanitize=fuzzer $(LDFLAGS) -o $@ $< libmlpbn.a $(private_libs) $(LIBS)

obj/tests/fuzz/%.o: $(srcdir)/tests/fuzz/%.c config.mk
	$(call compile,-DFUZZ_MAIN $(CPPFLAGS_public))

$(fuzzers:%=obj/replay_%): obj/replay_%: obj/tests/fuzz/fuzz_%.o libmlpbn.a
	$(link) $< libmlpbn.a $(private_libs) $(LIBS)

check-fuzz: $(fuzzers:%=obj/replay_%) check-json ## replay the fuzzing corpus
	$(foreach f,$(fuzzers),$(RUN) obj/replay_$f $(srcdir)/tests/fuzz/corpus/$f/* &&) :

obj/tests/fuzz/json_check.o: CPPFLAGS += -I$(srcdir)/lib
obj/json_check: obj/tests/fuzz/json_check.o libmlpbn.a
	$(link) $< libmlpbn.a $(private_libs) $(LIBS)

JSON_SECONDS = 5
.PHONY: check-json
check-json: obj/json_check ## compare our reader of JSON with Python's (JSON_SECONDS=5)
	@if command -v python3 >/dev/null; then \
	    python3 $(srcdir)/tests/fuzz/json_judge.py obj/json_check $(JSON_SECONDS); \
	else echo "no python3: JSON is not compared with it"; fi

# libFuzzer writes new inputs to obj/fuzz/corpus.
FUZZ_SECONDS = 60
.PHONY: fuzz fuzz-targets
fuzz: ## feed the loaders with malformed files (FUZZ_SECONDS=60 each; needs clang)
	+@command -v clang >/dev/null || { $(deps) hint clang >&2; exit 1; }
	+mkdir -p obj/fuzz && cd obj/fuzz && "$(CURDIR)/$(srcdir)/configure" -q CC=clang \
	    CFLAGS="-O1 -g -gdwarf-4 -fsanitize=fuzzer-no-link" --with-blas=$(CBLAS) \
	    --disable-shared --enable-sanitize=address$(comma)undefined && $(MAKE) fuzz-targets
	@for f in $(fuzzers); do mkdir -p obj/fuzz/corpus/$$f && \
	    obj/fuzz/obj/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 \
	        -dict=$(srcdir)/tests/fuzz/$$f.dict -artifact_prefix=obj/fuzz/ -print_final_stats=1 \
	        obj/fuzz/corpus/$$f $(srcdir)/tests/fuzz/corpus/$$f || exit 1; done

fuzz-targets: $(fuzzers:%=obj/fuzz_%)

-include $(fuzzers:%=obj/tests/fuzz/fuzz_%.d) obj/tests/fuzz/json_check.d
