# Builds the static and the shared library; the Makefile includes this. Sources are found by
# themselves. The lists here say which of them are compiled more than once, or less often.

# These are compiled for float and for double (MLPBN_REAL=32 and 64). So is each file of
# lib/kernel, once for each instruction set (MLPBN_ISA); those in KERNEL_PLAIN for none.
TYPED = $(addprefix lib/nn/,activation.c backward.c dropout_mask.c forward.c input_layer.c layer.c \
    layer_params.c linear.c loss.c matmul.c normalize.c optimizer_step.c predict.c \
    running_statistics.c train.c typed_ops.c)
KERNEL_PLAIN = lib/kernel/blas.c lib/kernel/dispatch.c

sources := $(call find,lib/*/*.c lib/*/*/*.c)
kernels := $(filter-out $(KERNEL_PLAIN),$(filter lib/kernel/%,$(sources)))
typed := $(filter $(TYPED) $(KERNEL_PLAIN),$(sources))
plain := $(filter-out $(kernels) $(typed),$(sources))
types := f32 f64

objects := $(plain:%.c=obj/%.o) $(foreach t,$(types),$(typed:%.c=obj/%.$t.o) \
    $(foreach i,$(ISAS),$(kernels:%.c=obj/%.$t.$i.o)))

# ---- Compiling.

CPPFLAGS_lib = -I$(srcdir)/include -I$(srcdir)/lib $(CBLAS_DEFINES) $(ISA_DEFINES) \
    -DMLPBN_THREADS=$(if $(filter yes,$(THREADS)),1,0) \
    $(if $(filter no,$(DEBUG)),-DNDEBUG) $(patsubst -I%,-isystem%,$(BLAS_CFLAGS))
# Nobody reads errno after a kernel, and keeping it would forbid vectors of square roots.
CPPFLAGS_kernel = -fno-math-errno $(if $(filter no,$(DEBUG)),-ffp-contract=fast)

compile_lib = $(call compile,-fPIC -fvisibility=hidden $(ARITHMETIC_FLAGS) $(CLEAR_FLAGS) $(CPPFLAGS_lib) $(1))

obj/lib/%.o: $(srcdir)/lib/%.c config.mk
	$(call compile_lib)

define typed_rule
obj/lib/%.$(1).o: $$(srcdir)/lib/%.c config.mk
	$$(call compile_lib,$$(if $$(filter obj/lib/kernel/%,$$@),$$(CPPFLAGS_kernel)) -DMLPBN_REAL=$(1:f%=%))
endef
define kernel_rule
obj/lib/kernel/%.$(1).$(2).o: $$(srcdir)/lib/kernel/%.c config.mk
	$$(call compile_lib,$$(CPPFLAGS_kernel) -DMLPBN_REAL=$(1:f%=%) -DMLPBN_ISA=$(2) $$($(2)_FLAGS))
endef
$(foreach t,$(types),$(eval $(call typed_rule,$t)))
$(foreach t,$(types),$(foreach i,$(ISAS),$(eval $(call kernel_rule,$t,$i))))

# ---- Linking.

ifeq ($(PLATFORM),darwin)
shared := libmlpbn.$(version).dylib
soname := libmlpbn.$(abi).dylib
devname := libmlpbn.dylib
rpath = -Wl,-rpath,@loader_path/..
else
shared := libmlpbn.so.$(version)
soname := libmlpbn.so.$(abi)
devname := libmlpbn.so
rpath = -Wl,-rpath,'$$ORIGIN/..'
endif
shared_files := $(if $(filter yes,$(SHARED)),$(shared) $(soname) $(devname))

# What the library itself needs, and how a program in the build tree reaches it.
private_libs = $(BLAS_LIBS) -lm -pthread
library := $(if $(filter yes,$(SHARED)),$(devname),libmlpbn.a)
link_library = $(library) $(if $(filter yes,$(SHARED)),$(rpath),$(private_libs)) -lm

.PHONY: library
library: libmlpbn.a $(shared_files) ## build the libraries alone

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

-include $(objects:.o=.d)
