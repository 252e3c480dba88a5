#!/bin/sh
# Checks that file names are unique: no two files of lib/ have the same name, nor do any two
# files outside it, except README.md. (A public header and the file that implements it may.)
set -eu
cd "$SRCDIR"
for folders in lib "include examples tests bench docs build-aux pkgconfig"; do
    # shellcheck disable=SC2086 # folders are words
    duplicates=$(find $folders -type f ! -name '.*' ! -name README.md 2>/dev/null | sed 's|.*/||' |
        LC_ALL=C sort | uniq -d)
    for name in $duplicates; do
        # shellcheck disable=SC2086
        find $folders -name "$name" 2>/dev/null
        failed=1
    done
done
test -z "${failed:-}"
