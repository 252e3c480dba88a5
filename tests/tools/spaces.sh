#!/bin/sh
# Configures, builds and installs with spaces in the paths of sources, build folder, prefix and
# DESTDIR, and links a program to what was installed.
set -eu
$PKG_CONFIG --version >/dev/null 2>&1 || { echo "pkg-config is missing"; exit 77; }
[ -z "$SANITIZE" ] || { echo "with sanitizers only their own compiler links"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/the prefix"
mkdir -p "$work/the build" "$work/the sources"
(cd "$SRCDIR" && tar cf - Makefile configure configure.ac config.mk.in COPYING ChangeLog ./*.md \
    bench build-aux docs examples include lib pkgconfig tests) |
    (cd "$work/the sources" && tar xf -)
cd "$work/the build"
MAKEFLAGS=
export MAKEFLAGS
{
    "../the sources/configure" -q CC="$CC" CFLAGS=-O0 --prefix="$prefix" --without-blas
    $MAKE library examples/xor
    examples/xor
    $MAKE install DESTDIR="$work/the destination"
    [ -f "$work/the destination$prefix/include/mlpbn.h" ]
    $MAKE uninstall DESTDIR="$work/the destination"
    [ -z "$(find "$work/the destination" ! -type d)" ]
    $MAKE install
} >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
export PKG_CONFIG_PATH
eval "$CC '$prefix/share/doc/libmlpbn/examples/xor.c' $($PKG_CONFIG --cflags --libs mlpbn) -o xor"
LD_LIBRARY_PATH="$prefix/lib" ./xor >/dev/null
