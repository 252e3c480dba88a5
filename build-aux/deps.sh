#!/bin/sh
# deps.sh check [NAME...]    say what is missing; exit status 1 if anything is
# deps.sh install [NAME...]  install what is missing with the system's package manager
# deps.sh hint NAME          print the command that installs NAME, for each system
#
# Without names: what building, testing and the demo need. The table below is the only
# place where packages are named; "-" means that a system does not package it.
# shellcheck disable=SC2046,SC2086 # lists of names are split on purpose
set -eu

usage() {
    echo "usage: deps.sh check|install [NAME...] | hint NAME" >&2
    exit 2
}

default="cc make autoconf pkg-config check blas gnuplot curl abidiff"

# name        apt               dnf                 pacman      brew
table="
cc            gcc,libc6-dev     gcc,glibc-devel     gcc         llvm
make          make              make                make        make
autoconf      autoconf          autoconf            autoconf    autoconf
pkg-config    pkg-config        pkgconf-pkg-config  pkgconf     pkgconf
check         check             check-devel         check       check
blas          libopenblas-dev   openblas-devel      openblas    openblas
gnuplot       gnuplot-nox       gnuplot             gnuplot     gnuplot
curl          curl              curl                curl        curl
abidiff       abigail-tools     libabigail          -           -
arm           gcc-aarch64-linux-gnu,libc6-dev-arm64-cross,qemu-user gcc-aarch64-linux-gnu,qemu-user aarch64-linux-gnu-gcc,qemu-user -
i386          gcc-i686-linux-gnu,libc6-dev-i386-cross - - -
s390x         gcc-s390x-linux-gnu,libc6-dev-s390x-cross,qemu-user - - -
c++           g++               gcc-c++             gcc         llvm
clang         clang             clang               clang       llvm
clang-format  clang-format-14   clang-tools-extra   clang       clang-format
cmake         cmake             cmake               cmake       cmake
dlib          libdlib-dev       dlib-devel          dlib        dlib
fann          libfann-dev       fann-devel          fann        fann
netlib        libblas-dev       blas-devel          cblas       lapack
numpy         python3-numpy     python3-numpy       python-numpy numpy
onednn        libdnnl-dev       onednn-devel        onednn      onednn
openblas-openmp libopenblas0-openmp openblas-openmp -           -
sklearn       python3-sklearn   python3-scikit-learn python-scikit-learn -
torch         python3-torch     python3-torch       python-pytorch pytorch
venv          python3-venv      python3             python      python
valgrind      valgrind          valgrind            valgrind    -
"

# packages NAME MANAGER: what to install, empty where it is not packaged
packages() {
    echo "$table" | awk -v name="$1" -v manager="$2" '
        BEGIN { column["apt"] = 2; column["dnf"] = 3; column["pacman"] = 4; column["brew"] = 5 }
        $1 == name { p = $column[manager]; gsub(",", " ", p); if (p != "-") print p }'
}

known() {
    echo "$table" | awk -v name="$1" '$1 == name { found = 1 } END { exit !found }'
}

has() { command -v "$1" >/dev/null 2>&1; }

module() { has pkg-config && pkg-config --exists "$1"; }

# The one that the package manager installs for, which need not be the first.
system_python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}

# links [COMPILER] FLAGS...: does an empty program link with them?
links() {
    compiler=$1
    shift
    has "$compiler" && echo 'int main(void) { return 0; }' |
        "$compiler" -x c -o /dev/null - "$@" >/dev/null 2>&1
}

there() {
    case $1 in
    cc) links cc || links gcc || links clang ;;
    blas) [ "$(uname -s)" = Darwin ] || module openblas || links cc -lopenblas ;;
    check) module check ;;
    arm) has aarch64-linux-gnu-gcc && has qemu-aarch64 ;;
    i386) has i686-linux-gnu-gcc && [ -f /usr/i686-linux-gnu/lib/ld-linux.so.2 ] ;;
    s390x) has s390x-linux-gnu-gcc && has qemu-s390x ;;
    c++) has c++ || has g++ || has clang++ ;;
    clang-format) has clang-format-14 || has clang-format ;;
    netlib) module blas-netlib || module cblas || links cc -lcblas ;;
    dlib) [ -f /usr/include/dlib/dnn.h ] ;;
    fann) module fann ;;
    onednn) [ -f /usr/include/oneapi/dnnl/dnnl.hpp ] ;;
    openblas-openmp) [ -n "$(find /usr/lib* -name openblas-openmp -o -name 'libopenblaso.so.*')" ] ;;
    venv) system_python -c 'import ensurepip' 2>/dev/null ;;
    torch | numpy | sklearn) system_python -c "import $1" 2>/dev/null ;;
    *) has "$1" ;;
    esac
}

manager() {
    for m in apt-get dnf pacman brew; do
        if has $m; then
            echo "${m%-get}"
            return
        fi
    done
}

hint() {
    echo "$1 is missing. To install it:"
    while read -r system m command; do
        p=$(packages "$1" "$m")
        [ -z "$p" ] || printf '  %-16s %s %s\n' "$system" "$command" "$p"
    done <<-END
	Debian,Ubuntu: apt sudo apt-get install
	Fedora: dnf sudo dnf install
	Arch: pacman sudo pacman -S
	macOS: brew brew install
	END
    echo "'make deps' installs all that is needed."
}

# Prints those of the names that are missing and that this system could install.
missing() {
    m=$(manager)
    for name; do
        there "$name" && continue
        [ -n "$m" ] && [ -z "$(packages "$name" "$m")" ] || echo "$name"
    done
}

install() {
    m=$(manager)
    if [ -z "$m" ]; then
        for name; do hint "$name"; done
        echo "deps: no package manager known here (apt-get, dnf, pacman, brew)" >&2
        exit 1
    fi
    root=
    if [ "$m" != brew ] && [ "$(id -u)" -ne 0 ]; then
        root=sudo
        if ! has sudo; then
            for name; do hint "$name"; done
            echo "deps: needs root or sudo" >&2
            exit 1
        fi
    fi
    set -- $(for name; do packages "$name" "$m"; done)
    echo "deps: installing $*${root:+ (with sudo)}"
    case $m in
    apt)
        $root apt-get update -qq
        # Not every release has every package; configure says what is really needed.
        set -- $(for p; do apt-cache show "$p" >/dev/null 2>&1 && echo "$p"; done)
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$@"
        ;;
    dnf) $root dnf install -y "$@" ;;
    pacman) $root pacman -S --needed --noconfirm "$@" ;;
    brew) brew install "$@" ;;
    esac
}

[ $# -ge 1 ] || usage
action=$1
shift
[ $# -gt 0 ] || [ "$action" = hint ] || set -- $default
for name; do known "$name" || { echo "deps: unknown name: $name" >&2; exit 2; }; done

case $action in
hint)
    [ $# -eq 1 ] || usage
    hint "$1"
    ;;
check | install)
    names=$(missing "$@")
    if [ -z "$names" ]; then
        echo "deps: everything is there ($*)"
    elif [ "$action" = check ]; then
        echo "deps: missing:" $names
        exit 1
    else
        install $names
    fi
    ;;
*) usage ;;
esac
