#!/bin/sh
# Exports networks of every kind as C, compiles them with each available compiler and all
# warnings as errors, and checks that their outputs are those of the library. The locale has a
# decimal comma, if it can be generated.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v localedef >/dev/null &&
    localedef -i de_DE -f UTF-8 "$work/de_DE.UTF-8" >"$work/log" 2>&1; then
    LOCPATH=$work
    LC_ALL=de_DE.UTF-8
    export LOCPATH LC_ALL
fi
obj/export_cases "$work"

for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    $cc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wdouble-promotion -Werror \
        -Wmissing-prototypes -O1 -I"$work" -o "$work/exported" \
        "$SRCDIR/tests/export/exported.c" "$work"/net*.c -lm
    "$work/exported" "$work" >"$work/log" || { cat "$work/log"; exit 1; }
    ran=$cc
done
[ -n "${ran-}" ] || { echo "neither gcc nor clang is there"; exit 77; }
