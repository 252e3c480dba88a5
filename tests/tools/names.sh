#!/bin/sh
# A file's name says which it is: no two files of lib/ share one, nor do any two outside it,
# README.md apart. (A public header and the file that implements it bear the same name.)
set -eu
cd "$SRCDIR"
for folders in lib "include examples tests bench docs build-aux pkgconfig"; do
    # shellcheck disable=SC2086 # folders are words
    twice=$(find $folders -type f ! -name '.*' ! -name README.md 2>/dev/null | sed 's|.*/||' |
        LC_ALL=C sort | uniq -d)
    for name in $twice; do
        # shellcheck disable=SC2086
        find $folders -name "$name" 2>/dev/null
        failed=1
    done
done
test -z "${failed:-}"
