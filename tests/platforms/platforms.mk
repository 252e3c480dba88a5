# Builds the library for other processors and runs unit and api there; the Makefile includes this.
# With 32 bits the programs that use the library compute by SSE2, or by the x87, where
# FLT_EVAL_METHOD is 2; s390x is big endian and emulated, which takes ten minutes.

platforms := i386 i386-x87 s390x
platform = $(environment) sh $(srcdir)/tests/platforms/platform.sh

.PHONY: check-platforms check-platforms-short $(platforms:%=check-%) needs-platforms
needs-platforms:
	@$(deps) check i386 s390x || { $(deps) hint i386 >&2; $(deps) hint s390x >&2; exit 1; }

check-platforms: $(platforms:%=check-%) check-arm ## unit and api with 32 bits and on s390x; check-arm
$(platforms:%=check-%): check-%: needs-platforms obj/exchange
	+@$(platform) $*

# What differs most where words are short or begin at the other end.
check-platforms-short: needs-platforms obj/exchange
	+@$(platform) i386-x87 structs hostile export corpus hex_number "products f32" "losses f64"
	+@$(platform) s390x structs export corpus hex_number random "activations f32" "losses f32"

obj/exchange: obj/tests/platforms/exchange.o $(library)
	$(link_program)

-include obj/tests/platforms/exchange.d
