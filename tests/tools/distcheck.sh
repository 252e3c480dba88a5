#!/bin/sh
# distcheck.sh PACKAGE: unpacks PACKAGE.tar.gz, builds and tests it in another folder with
# the sources read-only, installs and uninstalls it, cleans up, and checks that no file is
# left and the sources are unchanged.
set -eu
package=$1
work=$PWD/obj/distcheck
source=$work/$package
build=$work/build
destination=$work/destination

# remove FOLDER, which may contain read-only folders
remove() { [ ! -d "$1" ] || { chmod -R u+w "$1" && rm -rf "$1"; }; }

# Prints what identifies the sources. They are compared because root can write read-only files.
fingerprint() {
    (cd "$source" && find . -exec ls -ld {} + && find . -type f -exec cksum {} +) |
        LC_ALL=C sort
}

contents() { gzip -dc "$1" | tar tf - | LC_ALL=C sort; }

# nothing_in FOLDER GOAL: fails if FOLDER contains a file after make GOAL
nothing_in() {
    left=$(find "$1" ! -type d)
    [ -z "$left" ] || { printf 'distcheck: %s left behind:\n%s\n' "$2" "$left"; exit 1; }
}

remove "$work"
mkdir -p "$build" "$destination"
gzip -dc "$package.tar.gz" | (cd "$work" && tar xf -)
chmod -R a-w "$source"
fingerprint >"$work/before"

cd "$build"
"$source/configure" --prefix=/usr
$MAKE
$MAKE check
$MAKE install DESTDIR="$destination"
[ -f "$destination/usr/lib/pkgconfig/mlpbn.pc" ]
if grep -rIl "$work" "$destination"; then
    echo "distcheck: these installed files name the build folder"
    exit 1
fi
$MAKE uninstall DESTDIR="$destination"
nothing_in "$destination" uninstall
$MAKE dist
contents "$package.tar.gz" >"$work/second"
contents "../../../$package.tar.gz" | diff - "$work/second" ||
    { echo "distcheck: a tarball made from the tarball holds other files"; exit 1; }
$MAKE distclean
nothing_in "$build" distclean

fingerprint | diff "$work/before" - || { echo "distcheck: the sources were changed"; exit 1; }
remove "$work"
echo "distcheck: $package.tar.gz is ready"
