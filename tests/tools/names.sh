#!/bin/sh
# A file's name says which it is: no two files of the tree share one, README.md apart.
set -eu
cd "$SRCDIR"
twice=$(find include lib examples tests bench docs build-aux pkgconfig -type f \
    ! -name '.*' ! -name README.md 2>/dev/null | sed 's|.*/||' | LC_ALL=C sort | uniq -d)
for name in $twice; do
    find include lib examples tests bench docs build-aux pkgconfig -name "$name" 2>/dev/null
done
test -z "$twice"
