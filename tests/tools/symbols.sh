#!/bin/sh
# The shared library exports what lib/libmlpbn.sym lists, under the version nodes that it
# names, and nothing else; what the static library defines cannot clash with a program's
# own names.
set -eu
LC_ALL=C
export LC_ALL
list=$SRCDIR/lib/libmlpbn.sym
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# under HEADING: shows the lines of standard input below it, if there are any
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
            # The nodes themselves are absolute symbols.
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

said=$(check)
[ -z "$said" ] || { echo "$said"; exit 1; }
