#!/bin/sh
# Installs into a folder of its own and builds the examples installed there, and a C++
# program, with what pkg-config says: first for the shared library, then, once that is
# taken away, for the static one. The documents' links must hold there, too, and uninstall
# must leave nothing.
# shellcheck disable=SC2086,SC2153 # compilers and options are lists of words
set -eu
$PKG_CONFIG --version >/dev/null 2>&1 || { echo "pkg-config is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
there=$work/usr
examples=$there/doc/examples

# make_at PREFIX GOAL...
make_at() {
    prefix=$1
    shift
    $MAKE --no-print-directory "$@" DESTDIR= prefix="$prefix" exec_prefix="$prefix" \
        libdir="$prefix/lib" includedir="$prefix/include" docdir="$prefix/doc" \
        >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

# Who installs into the system, and only who does, is told of ldconfig.
if [ "$PLATFORM" = elf ] && [ -n "$SHARED_LIBRARY" ]; then
    make_at /usr/local -n install
    grep -q 'once ldconfig has run' "$work/log" || { echo "no word of ldconfig"; exit 1; }
fi
make_at "$there" install
! grep 'once ldconfig has run' "$work/log" || exit 1

PKG_CONFIG_PATH=$there/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$there/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

cat >"$work/smoke.cpp" <<'END'
#include <mlpbn.h>
#include <cstdio>
#include <cstring>
int main()
{
    char header[32];
    std::snprintf(header, sizeof header, "%d.%d.%d", MLPBN_VERSION_MAJOR,
                  MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH);
    return std::strcmp(header, mlpbn_version()) != 0;
}
END

# build_all WHICH OPTIONS...: with pkg-config's options, after WHICH in messages
build_all() {
    which=$1
    shift
    cflags=$($PKG_CONFIG --cflags mlpbn)
    libs="$($PKG_CONFIG "$@" --libs mlpbn) -lm"
    parts=$(grep -L '^int main(' "$examples"/*.c)
    for main in "$examples"/*.c; do
        grep -q '^int main(' "$main" || continue
        name=$(basename "$main" .c) more='' arguments=''
        case $name in
        cifar_train | gradient_check | predict) more=$parts arguments=--help ;;
        esac
        $CC -std=c11 -D_POSIX_C_SOURCE=200809L $CFLAGS $SANITIZE $LDFLAGS $cflags \
            -o "$work/$name" "$main" $more $libs
        "$work/$name" $arguments >"$work/log" 2>&1 ||
            { echo "$which: $name failed:"; cat "$work/log"; return 1; }
    done
    [ -z "$CXX" ] || {
        $CXX -std=c++11 $SANITIZE $LDFLAGS $cflags -o "$work/smoke" "$work/smoke.cpp" $libs
        "$work/smoke" || { echo "$which: C++ program failed"; return 1; }
    }
}

[ "$($PKG_CONFIG --modversion mlpbn)" = "$(sed -n \
    's/^.define MLPBN_VERSION_[MP][A-Z]* *//p' "$SRCDIR/include/mlpbn/version.h" |
    paste -sd. -)" ]
[ -z "$SHARED_LIBRARY" ] || build_all shared
if [ "$STATIC" = yes ]; then
    rm -f "$there"/lib/libmlpbn*.so* "$there"/lib/libmlpbn*.dylib
    build_all static --static
    # Without a shared library --libs alone must do.
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
