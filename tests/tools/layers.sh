#!/bin/sh
# Checks the layers: a file of lib/ includes public headers, system headers, and headers of its
# own folder or of folders before it in `order`. Public headers include only public and system
# headers, and not cblas.h, which defines the macro I in the user's program. The table of
# lib/README.md has every file of lib/, and no other.
set -eu
order="base kernel model nn io fit api"

cd "$SRCDIR"
find lib include -name '*.[ch]' -o -name '*.hpp' | LC_ALL=C sort |
    xargs grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null |
    awk -v order="$order" '
    BEGIN { n = split(order, folder, " "); for (i = 1; i <= n; i++) rank[folder[i]] = i }
    function bad(why) { print file ":" line ": " why ": " included; failed = 1 }
    {
        file = line = $0
        sub(/:.*/, "", file)
        sub(/^[^:]*:/, "", line)
        included = line
        sub(/:.*/, "", line)
        sub(/^[^:]*:[^"<]*/, "", included)
        sub(/[^">]*$/, "", included)
        path = substr(included, 2, length(included) - 2)
        split(file, own, "/")
        k = split(path, part, "/")
    }
    included == "" { included = $0; bad("cannot be checked"); next }
    path ~ /^mlpbn(\.h|\/)/ { next }
    own[1] == "include" {
        if (included ~ /^"/ || part[1] in rank || path ~ /cblas/) bad("in a public header")
        next
    }
    !(own[2] in rank) { bad("in a file that is in no layer"); next }
    included ~ /^</ && !(part[1] in rank) { next }
    k == 1 { if (system("test -f lib/" own[2] "/" path)) bad("not in the same folder"); next }
    !(part[1] in rank) { bad("no layer"); next }
    rank[part[1]] > rank[own[2]] { bad(own[2] " is below " part[1]) }
    END { exit failed }'

names_of() { sed 's/\.[ch]$//' | LC_ALL=C sort -u; }
listed=$(sed -n '/^| folder/,/^$/p' lib/README.md | cut -d'|' -f3 | grep -o '`[^`]*`' | tr -d '`' | names_of)
files=$(find lib -name '*.[ch]' | sed 's|.*/||' | names_of)
[ "$listed" = "$files" ] || {
    echo "lib/README.md and lib/ differ:"
    printf '%s\n%s\n' "$listed" "$files" | LC_ALL=C sort | uniq -u
    exit 1
}
