# Computes the reference values with PyTorch again; the Makefile includes this. The suites
# "reference" and "schedule" of tests/api need only the stored values, not PyTorch.

.PHONY: check-reference
check-reference: ## compare the reference values with PyTorch (PYTHON=)
	@$(PYTHON) -c 'import torch' 2>/dev/null || { $(deps) hint torch >&2; \
	    echo "Or name a python that has it: make check-reference PYTHON=..." >&2; exit 1; }
	$(PYTHON) $(srcdir)/tests/reference/make_reference.py --check \
	    $(srcdir)/tests/reference/torch_fixtures.inc
	$(PYTHON) $(srcdir)/tests/reference/torch_schedules.py --check \
	    $(srcdir)/tests/reference/schedule_fixtures.inc
	@test ! -x obj/api || { echo "largest difference from PyTorch, relative, by the norm:"; \
	    MLPBN_REFERENCE_TABLE=1 CK_FORK=no CK_RUN_SUITE=reference obj/api | \
	    awk -F'\t' '$$1 == "agrees" { split($$2, word, /[ ,]/); k = word[1] " " $$3; \
	        n[k]++; if ($$5 + 0 >= max[k] + 0) { max[k] = $$5; at[k] = $$2 ": " $$4 } } \
	    END { for (k in n) printf "  %-15s %5d arrays  %s  (%s)\n", k, n[k], max[k], at[k] }' \
	    | sort; }
