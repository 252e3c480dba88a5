#!/bin/sh
# Checks that each public header compiles alone, and included twice, as C11 and as C++11, with
# the configured compilers, gcc and clang.
set -eu
cd "$SRCDIR/include"

# try HEADER LANGUAGE STANDARD COMPILER...: compiles the header. The declaration is for headers
# that have only macros, since a C file must not be empty.
try() {
    header=$1 language=$2 standard=$3
    shift 3
    printf '#include <%s>\n#include <%s>\nextern int nothing_else;\n' "$header" "$header" |
        "$@" -std="$standard" -x "$language" -I. -fsyntax-only -Wall -Wextra -Wpedantic \
            -Werror - 2>&1 || echo "$header: not $standard for $*"
}

# compilers NAME...: prints each compiler once, if it is installed
compilers() {
    for name; do
        [ -n "$name" ] && command -v "${name%% *}" >/dev/null && echo "$name"
    done | awk '!seen[$0]++'
}

# shellcheck disable=SC2086 # a compiler may be two words: ccache gcc
output=$(
    for header in *.h mlpbn/*.h *.hpp; do
        [ -f "$header" ] || continue
        [ "$header" != "${header%.h}" ] && compilers "$CC" gcc clang |
            while read -r cc; do try "$header" c c11 $cc; done
        compilers "$CXX" g++ clang++ |
            while read -r cxx; do try "$header" c++ c++11 $cxx; done
    done
)
[ -z "$output" ] || { echo "$output"; exit 1; }
