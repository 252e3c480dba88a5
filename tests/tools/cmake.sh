#!/bin/sh
# Installs into a folder of its own, moves this folder, and builds the examples there with
# CMake, for the shared and for the static library. find_package must not find a newer version.
# shellcheck disable=SC2016,SC2046,SC2086,SC2153 # lists of words; CMake's own variables
set -eu
command -v cmake >/dev/null || { echo "cmake is missing"; exit 77; }
. "$SRCDIR/tests/tools/installation"
make_at "$there" install
mkdir "$work/moved"
mv "$there" "$work/moved/usr"
there=$work/moved/usr
examples=$there/doc/examples

# add_program NAME SOURCE
add_program() {
    printf 'add_executable(%s)\ntarget_link_libraries(%s parts ${TARGET} m)\n' "$*" "$1"
}

{
    cat <<'END'
cmake_minimum_required(VERSION 3.13)
project(user ${LANGUAGES})
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 11)
add_definitions(-D_POSIX_C_SOURCE=200809L)
find_package(mlpbn 99 QUIET)
if(mlpbn_FOUND)
    message(FATAL_ERROR "a version 99 was found")
endif()
find_package(mlpbn ${VERSION} REQUIRED)
END
    echo "add_library(parts STATIC $(grep -L '^int main(' "$examples"/*.c "$examples"/study/*.c |
        tr '\n' ' '))"
    echo 'target_link_libraries(parts ${TARGET})'
    for name in $(programs); do
        add_program "$name" "$examples/$name.c"
    done
    echo 'if(CMAKE_CXX_COMPILER)'
    for name in $(cxx_programs); do
        add_program "$name" "$examples/${name%_cpp}.cpp"
    done
    echo 'endif()'
} >"$work/CMakeLists.txt"

version=$(sed -n 's/^.define MLPBN_VERSION_M[A-Z]* *//p' \
    "$there/include/mlpbn/version.h" | paste -sd. -)

# build_all TARGET CC CXX FLAGS
build_all() {
    rm -rf "$work/build"
    cmake -S "$work" -B "$work/build" -DCMAKE_PREFIX_PATH="$there" -DTARGET="$1" \
        -DVERSION="$version" -DLANGUAGES="C${3:+;CXX}" -DCMAKE_C_COMPILER="$2" \
        ${3:+"-DCMAKE_CXX_COMPILER=$3"} -DCMAKE_C_FLAGS="$4 $SANITIZE" \
        -DCMAKE_CXX_FLAGS="$SANITIZE" -DCMAKE_EXE_LINKER_FLAGS="$LDFLAGS" &&
        cmake --build "$work/build"
}

for target in mlpbn::mlpbn \
    $([ "$STATIC" = yes ] && echo mlpbn::static); do
    compilers | while IFS='|' read -r cc cxx flags; do
        build_all $target "$cc" "$cxx" "$flags" </dev/null >"$work/log" 2>&1 ||
            { echo "$target, $cc:"; cat "$work/log"; exit 1; }
        for name in $(programs) ${cxx:+$(cxx_programs)}; do
            run "$target, $cc" "$work/build/$name" || exit 1
        done
    done
done
