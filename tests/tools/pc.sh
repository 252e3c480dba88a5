#!/bin/sh
# Installs into a folder of its own and builds the examples there with their Makefile and
# pkg-config: with the shared library and, after that is removed, with the static one. Links in
# the installed documents must be valid, and uninstall must leave no file.
# shellcheck disable=SC2046,SC2086,SC2153 # compilers and options are lists of words
set -eu
$PKG_CONFIG --version >/dev/null 2>&1 || { echo "pkg-config is missing"; exit 77; }
. "$SRCDIR/tests/tools/installation"

# An installation into the system, and no other, prints a hint to run ldconfig.
if [ "$PLATFORM" = elf ] && [ -n "$SHARED_LIBRARY" ]; then
    make_at /usr/local -n install
    grep -q 'once ldconfig has run' "$work/log" || { echo "no hint to ldconfig"; exit 1; }
fi
make_at "$there" install
! grep 'once ldconfig has run' "$work/log" || exit 1

PKG_CONFIG_PATH=$there/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$there/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

# build_all DESCRIPTION ARGUMENT...: builds with these arguments of make. DESCRIPTION is for
# messages.
build_all() {
    description=$1
    shift
    compilers | while IFS='|' read -r cc cxx flags; do
        rm -rf "$work/build"
        cp -R "$examples" "$work/build"
        names="$(programs) ${cxx:+$(cxx_programs)}"
        MAKEFLAGS='' $MAKE -C "$work/build" CC="$cc -std=c11" CXX="$cxx -std=c++11" \
            CFLAGS="$flags $SANITIZE" CXXFLAGS="$SANITIZE" LDFLAGS="$LDFLAGS" "$@" \
            ${cxx:+all} $names >"$work/log" 2>&1 </dev/null ||
            { echo "$description, $cc:"; cat "$work/log"; return 1; }
        for name in $names; do
            run "$description, $cc" "$work/build/$name" || return 1
        done
    done
}

[ "$($PKG_CONFIG --modversion mlpbn)" = "$(sed -n \
    's/^.define MLPBN_VERSION_[MP][A-Z]* *//p' "$SRCDIR/include/mlpbn/version.h" |
    paste -sd. -)" ]
# Other packages are named, not where they were when the library was built.
! grep -E '^(Libs|Cflags).* -[LI]/' "$there/lib/pkgconfig/mlpbn.pc" || exit 1
[ -z "$SHARED_LIBRARY" ] || build_all shared
if [ "$STATIC" = yes ]; then
    rm -f "$there"/lib/libmlpbn*.so* "$there"/lib/libmlpbn*.dylib
    build_all static LDLIBS="$($PKG_CONFIG --static --libs mlpbn) -lm"
    # Without a shared library, --libs must be sufficient.
    [ -n "$SHARED_LIBRARY" ] || build_all "static alone"
fi

find "$there/doc" -name '*.md' | while read -r file; do
    grep -o ']([^):#]*)' "$file" | sed 's/^](//; s/)$//' | while read -r link; do
        [ -e "$(dirname "$file")/$link" ] || { echo "$file: no $link"; exit 1; }
    done || exit 1
done

make_at "$there" uninstall
left=$(find "$there" ! -type d -o -path "$there/doc*")
[ -z "$left" ] || { echo "uninstall leaves $left"; exit 1; }
