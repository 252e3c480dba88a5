# Packs the sources; the Makefile includes this.

.PHONY: dist distcheck
dist: $(srcdir)/configure ## pack the tracked files and configure as libmlpbn-VERSION.tar.gz
	rm -rf obj/dist && mkdir -p obj/dist/$(package)
	cd $(srcdir) && { cat MANIFEST 2>/dev/null || { git ls-files | grep -v '^\.ci/' && \
	    echo configure; }; } >"$(CURDIR)/obj/dist/$(package)/MANIFEST"
	tar cf - -C $(srcdir) -T obj/dist/$(package)/MANIFEST | \
	    tar xpf - -C obj/dist/$(package)
	tar cf - -C obj/dist $(package) | gzip -9n >$(package).tar.gz
	rm -rf obj/dist

distcheck: dist ## build, test, install and remove what dist packed
	+MAKE="$(MAKE)" sh $(srcdir)/tests/tools/distcheck.sh $(package)
