# Checks sources, symbols, ABI, installation and exported C, and prints hashes of computed bits.
# The Makefile includes this.

tools := layers names headers symbols abi pc spaces cmake export

obj/export_cases: obj/tests/export/export_cases.o $(library)
	$(link_program)

# Installed examples are built with the configured compiler or, with COMPILERS=others, with gcc
# and clang if these are not the configured one.
COMPILERS =
check-tools: libmlpbn.a $(shared_files) obj/export_cases ## check sources, symbols, ABI and installation
	+@$(script) $(tools:%=$(srcdir)/tests/tools/%.sh)

.PHONY: abi-update hashes
abi-update: $(shared) ## make this build the ABI that later ones are compared with
	@$(environment) sh $(srcdir)/tests/tools/abi.sh --update

# The output before and after a change is the same if the change keeps every bit.
obj/bit_hashes: obj/tests/tools/bit_hashes.o $(library)
	$(link_program)

hashes: obj/bit_hashes ## print a hash of all that small networks of every kind compute
	@for cpu in avx512 avx2 generic; do \
	    MLPBN_CPU=$$cpu obj/bit_hashes | sed "s/^/$$cpu /" || exit 1; done

-include obj/tests/export/export_cases.d obj/tests/tools/bit_hashes.d
