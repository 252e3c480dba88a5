#!/bin/sh
# Checks that the shared library exports exactly the symbols and version nodes of
# lib/libmlpbn.sym, and that global names of the static library cannot clash with those of a
# program.
set -eu
LC_ALL=C
export LC_ALL
list=$SRCDIR/lib/libmlpbn.sym
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# under HEADING: prints the lines of standard input below HEADING, if there are any
under() {
    lines=$(cat)
    [ -z "$lines" ] || printf '%s:\n%s\n' "$1" "$lines"
}

check() {
    grep -vE '^mlpbn_[a-z0-9_]+ MLPBN_[0-9]+\.[0-9]+$' "$list" | under "bad lines in libmlpbn.sym"
    sort -u "$list" | diff "$list" - | under "libmlpbn.sym is not sorted"

    if [ -n "$SHARED_LIBRARY" ]; then
        if [ "$PLATFORM" = darwin ]; then
            sed 's/ .*//' "$list" >"$work/listed"
            $NM -gU "$SHARED_LIBRARY" | awk '{ sub(/^_/, "", $3); print $3 }' |
                sort >"$work/exported"
        else
            cp "$list" "$work/listed"
            # Type A, absolute, are the version nodes themselves.
            $NM -D --defined-only "$SHARED_LIBRARY" |
                awk '$2 != "A" { sub(/@@?/, " ", $3); print $3 }' | sort >"$work/exported"
        fi
        comm -13 "$work/listed" "$work/exported" | under "exported but not in libmlpbn.sym"
        comm -23 "$work/listed" "$work/exported" | under "in libmlpbn.sym but not exported"
    fi

    # Compilers and sanitizers define names of their own, with a dot or two underscores.
    $NM -g "$STATIC_LIBRARY" |
        awk 'NF == 3 && $2 != "U" { sub(/^_/, "", $3); print $3 }' |
        grep -vE '^mlpbn|^_|\.' | sort -u | under "global names without the prefix mlpbn"
}

output=$(check)
[ -z "$output" ] || { echo "$output"; exit 1; }
