# Computes the reference values with PyTorch and scikit-learn again; the Makefile includes this.
# The suites "reference", "schedule" and "metrics" of tests/api need only the stored values.

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

.PHONY: check-metrics
check-metrics: ## compare the metrics' values with scikit-learn (PYTHON=)
	@$(PYTHON) -c 'import sklearn' 2>/dev/null || { $(deps) hint sklearn >&2; \
	    echo "Or name a python that has it: make check-metrics PYTHON=..." >&2; exit 1; }
	$(PYTHON) $(srcdir)/tests/reference/sklearn_metrics.py --check \
	    $(srcdir)/tests/reference/sklearn_fixtures.inc
	@test ! -x obj/api || { echo "largest difference from scikit-learn, relative:"; \
	    MLPBN_REFERENCE_TABLE=1 CK_FORK=no CK_RUN_SUITE=metrics obj/api | \
	    awk -F'\t' '$$1 == "agrees" { n[$$3]++; \
	        if ($$4 + 0 >= max[$$3] + 0) { max[$$3] = $$4; at[$$3] = $$2 } } \
	    END { for (k in n) printf "  %-24s %4d numbers  %s  %s\n", k, n[k], max[k], at[k] }' \
	    | sort; }
