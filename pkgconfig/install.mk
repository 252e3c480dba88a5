# Installs the library, its headers and documents, and says to pkg-config and CMake where they
# are; the Makefile includes this.

headers := $(call find,include/*.h include/*.hpp include/mlpbn/*.h)
# They keep their folders, so that the links from one to the other hold.
documents := $(call find,README.md CONTRIBUTING.md COPYING ChangeLog docs/*.md docs/*.svg \
    lib/README.md lib/kernel/README.md bench/README.md) $(example_documents)
document_folders = bench docs $(example_folders) lib/kernel lib
pkgconfigdir = $(libdir)/pkgconfig
cmakedir = $(libdir)/cmake/mlpbn
cmake_files = mlpbn-config.cmake mlpbn-config-version.cmake
libraries = $(if $(filter yes,$(STATIC)),libmlpbn.a) $(shared_files)

# Linux finds a new library in the system's folders only once its cache was written anew.
needs_ldconfig = $(and $(filter yes-elf,$(SHARED)-$(PLATFORM)),$(filter /usr/%,$(libdir)),\
    $(if $(DESTDIR),,yes))

# Folders below the prefix are written as such, so that the file can be moved with it.
# With a static library alone every program needs all that it needs.
relative = $(subst ^,,$(subst ^$(prefix),$${prefix},^$(1)))
# Modules of pkg-config are named, and found where the program is linked.
pc_modules = $(BLAS_MODULE)
pc_libs = $(strip $(if $(BLAS_MODULE),,$(BLAS_LIBS)) -lm -pthread $(LIBS))
if_static_alone = $(if $(filter no,$(SHARED)),$(space)$(strip $(1)))
if_shared = $(if $(filter yes,$(SHARED)),$(space)$(strip $(1)))
pc = sed -e 's|@prefix@|$(prefix)|' -e 's|@exec_prefix@|$(call relative,$(exec_prefix))|' \
    -e 's|@libdir@|$(call relative,$(libdir))|' \
    -e 's|@includedir@|$(call relative,$(includedir))|' \
    -e 's|@docdir@|$(call relative,$(docdir))|' -e 's|@VERSION@|$(version)|' \
    -e 's|@LIBS@|$(call if_static_alone,$(pc_libs))|' \
    -e 's|@LIBS_PRIVATE@|$(call if_shared,$(pc_libs))|' \
    -e 's|@REQUIRES@|$(call if_static_alone,$(pc_modules))|' \
    -e 's|@REQUIRES_PRIVATE@|$(call if_shared,$(pc_modules))|' \
    $(srcdir)/pkgconfig/mlpbn.pc.in

# For CMake, too: headers by their way from its folder, if both are below the prefix.
up = $(subst $(space),/,$(patsubst %,..,$(subst /, ,$(cmakedir:$(prefix)/%=%))))
below = $(and $(filter $(prefix)/%,$(libdir)),$(filter $(prefix)/%,$(includedir)))
cmake_includes = $(if $(below),$(includedir:$(prefix)/%=$(up)/%),$(includedir))
# A framework is one item of two words.
cmake_libs = $(subst $(space),;,$(subst -framework ,-framework@,$(pc_libs)))
cmake = sed -e 's|@INCLUDEDIR@|$(cmake_includes)|' -e 's|@DOCDIR@|$(docdir)|' -e 's|@VERSION@|$(version)|' \
    -e 's|@STATIC@|$(STATIC)|' -e 's|@SHARED@|$(SHARED)|' -e 's|@SONAME@|$(soname)|' \
    -e 's|@SHARED_LIBRARY@|$(shared)|' \
    -e 's|@MODULES@|$(subst $(space),;,$(strip $(pc_modules)))|' \
    -e 's|@LIBS@|$(cmake_libs)|' -e 's|-framework@|-framework |g'

# $(call to,FOLDER): where it is installed; the path may have spaces.
to = "$(DESTDIR)$(1)"

.PHONY: install uninstall
install: libmlpbn.a $(shared_files) ## install library, headers and documents (DESTDIR=)
	install -d $(call to,$(includedir)/mlpbn) $(call to,$(pkgconfigdir)) $(call to,$(cmakedir))
	for d in $(document_folders); do install -d $(call to,$(docdir))/$$d || exit 1; done
	for f in $(headers:include/%=%); do \
	    install -m 644 $(srcdir)/include/$$f $(call to,$(includedir))/$$f || exit 1; done
	$(if $(filter yes,$(STATIC)),install -m 644 libmlpbn.a $(call to,$(libdir)))
ifeq ($(SHARED),yes)
	install -m 755 $(shared) $(call to,$(libdir))
	ln -sf $(shared) $(call to,$(libdir))/$(soname)
	ln -sf $(soname) $(call to,$(libdir))/$(devname)
	$(if $(filter darwin,$(PLATFORM)),\
	    install_name_tool -id "$(libdir)/$(soname)" $(call to,$(libdir))/$(shared))
endif
	$(pc) >$(call to,$(pkgconfigdir))/mlpbn.pc
	chmod 644 $(call to,$(pkgconfigdir))/mlpbn.pc
	for f in $(cmake_files); do \
	    $(cmake) $(srcdir)/pkgconfig/$$f.in >$(call to,$(cmakedir))/$$f && \
	    chmod 644 $(call to,$(cmakedir))/$$f || exit 1; done
	for f in $(documents); do \
	    if test -x $(srcdir)/$$f; then mode=755; else mode=644; fi; \
	    install -m $$mode $(srcdir)/$$f $(call to,$(docdir))/$$f || exit 1; done
	$(if $(needs_ldconfig),@echo "Programs find $(soname) once ldconfig has run (as root).")

# $(call remove,FOLDER,FILES)
remove = for f in $(2); do rm -f $(call to,$(1))/$$f; done

uninstall: ## remove what install made
	$(call remove,$(includedir),$(headers:include/%=%))
	$(call remove,$(libdir),$(libraries))
	$(call remove,$(pkgconfigdir),mlpbn.pc)
	$(call remove,$(cmakedir),$(cmake_files))
	$(call remove,$(docdir),$(documents))
	for d in $(document_folders); do rmdir $(call to,$(docdir))/$$d 2>/dev/null || :; done
	rmdir $(call to,$(docdir)) $(call to,$(includedir)/mlpbn) $(call to,$(cmakedir)) \
	    $(call to,$(libdir)/cmake) 2>/dev/null || :
