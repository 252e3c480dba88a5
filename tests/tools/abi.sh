#!/bin/sh
# abi.sh [--update]: compares the shared library with tests/abi/libmlpbn.abi, the ABI of
# the last release. A removed or changed symbol is a failure; a new one, or a new field at
# the end of a struct (each has its struct_size), is not. --update writes the description.
set -eu
described=$SRCDIR/tests/abi/libmlpbn.abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "$*"
    exit 77
}

[ "$PLATFORM" = elf ] || skip "only for ELF"
[ -n "$SHARED_LIBRARY" ] || skip "no shared library"
[ -z "$SANITIZE" ] || skip "a sanitizer is on"
command -v abidiff >/dev/null ||
    skip "$(sh "$SRCDIR/build-aux/deps.sh" hint abidiff)"
readelf -S "$SHARED_LIBRARY" | grep -q debug_info || skip "compiled without -g"

# The description must not contain source lines, absolute paths, or libraries of one machine.
abidw --headers-dir "$SRCDIR/include" --drop-private-types --no-corpus-path \
    --no-comp-dir-path --no-show-locs --no-elf-needed "$SHARED_LIBRARY" \
    --out-file "$work/absolute"
sed "s|path='.*/lib/|path='lib/|" "$work/absolute" >"$work/libmlpbn.abi"

if [ "${1-}" = --update ]; then
    mkdir -p "${described%/*}"
    cp "$work/libmlpbn.abi" "$described"
    echo "wrote $described"
    exit
fi

[ -f "$described" ] || { echo "no tests/abi/libmlpbn.abi: make abi-update writes it"; exit 1; }
architecture() { sed -n "s/.*architecture='\([^']*\)'.*/\1/p" "$1" | head -n 1; }
[ "$(architecture "$described")" = "$(architecture "$work/libmlpbn.abi")" ] ||
    skip "described for another processor"

cat >"$work/grows-at-end" <<'END'
[suppress_type]
  type_kind = struct
  name_regexp = ^mlpbn_
  has_data_member_inserted_at = end
END
status=0
abidiff --no-added-syms --suppressions "$work/grows-at-end" "$described" "$work/libmlpbn.abi" ||
    status=$?
# abidiff 2.2 crashes on what clang 14 writes by default; with -gdwarf-4 it does not.
[ $status -lt 128 ] || skip "abidiff crashed; give the compiler -gdwarf-4"
exit $status
