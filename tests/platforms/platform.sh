#!/bin/sh
# platform.sh NAME [SUITE...]: builds the library for another processor and runs there the given
# suites of unit and api, or all of them. Files that this processor writes are read there, and
# the other way round. Runs in the build folder, whose obj/exchange was built.
# shellcheck disable=SC2086 # an emulator with its arguments is a list of words
set -eu
name=$1
shift
. "$SRCDIR/tests/platforms/debian"

run=
case $name in
i386 | i386-x87)
    arch=i386 host=i686-linux-gnu
    loader=/usr/$host/lib/ld-linux.so.2
    flags="-Wl,--dynamic-linker=$loader -Wl,-rpath,/usr/$host/lib"
    # The programs that use the library have an FLT_EVAL_METHOD of 0, or of 2.
    [ $name = i386 ] && math="-msse2 -mfpmath=sse" || math="-mfpmath=387"
    set_up() { "$@" CC="$host-gcc $math" LDFLAGS="$flags"; }
    ;;
s390x)
    arch=s390x host=s390x-linux-gnu
    run="qemu-s390x -L /usr/$host"
    export MLPBN_TEST_EMULATED=1
    set_up() { "$@" CC=$host-gcc; }
    ;;
*)
    echo "platform.sh: unknown: $name" >&2
    exit 2
    ;;
esac

check=$PWD/obj/platforms/packages-$arch
[ -f "$check/complete" ] || unpack "$arch" "$check" check libsubunit-dev
export PKG_CONFIG_SYSROOT_DIR="$check" \
    PKG_CONFIG_LIBDIR="$check/usr/lib/$arch-linux-gnu/pkgconfig"

native=$PWD
mkdir -p "obj/platforms/$name"
cd "obj/platforms/$name"
set_up "$(cd "$native" && cd "$SRCDIR" && pwd)/configure" -q --host=$host --enable-werror \
    --without-blas CFLAGS="-O2 -g"
$MAKE obj/unit obj/api obj/exchange

# in_both_ways: each side reads what the other one has written.
in_both_ways() {
    rm -rf files
    mkdir -p files/native files/$name
    "$native/obj/exchange" write files/native
    $run obj/exchange write files/$name
    $run obj/exchange read files/native
    "$native/obj/exchange" read files/$name
    # Equal networks make equal bytes.
    for file in files/$name/*; do cmp "$file" "files/native/${file##*/}"; done
}

failed=0
for program in unit api; do
    if [ $# -eq 0 ]; then
        CK_VERBOSITY=normal $run obj/$program || failed=1
    fi
    for suite; do
        CK_RUN_SUITE=$suite $run obj/$program || failed=1
    done
done
in_both_ways
[ $failed -eq 0 ]
echo "ok $name"
