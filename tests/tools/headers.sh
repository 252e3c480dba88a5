#!/bin/sh
# Checks that each public header compiles alone, and included twice, as C11 and as C++11, with
# the configured compilers, gcc and clang; and that its macros take sizes that are int.
set -eu
cd "$SRCDIR/include"

# try HEADER LANGUAGE STANDARD COMPILER...: compiles the header. The declaration is for headers
# that have only macros, since a C file must not be empty.
try() {
    header=$1 language=$2 standard=$3
    shift 3
    printf '#include <%s>\n#include <%s>\nextern int nothing_else;\n' "$header" "$header" |
        "$@" -std="$standard" -x "$language" -I. -fsyntax-only -Wall -Wextra -Wpedantic \
            -Werror - 2>&1 || echo "$header: not $standard for $*"
}

# In C++11, an int variable in braces is narrowed to size_t, which is an error.
ints='#include <mlpbn.h>
size_t sum_of_sizes(int n);
size_t sum_of_sizes(int n)
{
    mlpbn_network_options network = MLPBN_NETWORK_OPTIONS_INIT(n);
    mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(n + 1, MLPBN_RELU);
    mlpbn_rows rows = MLPBN_ROWS_INIT(NULL, MLPBN_F32, n, n - 1);
    mlpbn_step_schedule_options step = MLPBN_STEP_SCHEDULE_OPTIONS_INIT(0.1, n);
    mlpbn_cosine_schedule_options cosine = MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.1, n);
    mlpbn_one_cycle_schedule_options cycle = MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0.1, n);
    mlpbn_warmup_schedule_options warmup =
        MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(n, mlpbn_cosine_schedule, &cosine);
    uint64_t steps = step.step_size + cosine.cycle_steps + cycle.total_steps + warmup.steps;
    return network.inputs + layer.units + rows.n + rows.columns + (steps > 0);
}'

# try_ints LANGUAGE STANDARD COMPILER...
try_ints() {
    language=$1 standard=$2
    shift 2
    echo "$ints" | "$@" -std="$standard" -x "$language" -I. -fsyntax-only -Wall -Wextra \
        -Wconversion -Wsign-conversion -Werror - 2>&1 || echo "int sizes: not $standard for $*"
}

# compilers NAME...: prints each compiler once, if it is installed
compilers() {
    for name; do
        [ -n "$name" ] && command -v "${name%% *}" >/dev/null && echo "$name"
    done | awk '!seen[$0]++'
}

# shellcheck disable=SC2086 # a compiler may be two words: ccache gcc
output=$(
    for header in *.h mlpbn/*.h *.hpp; do
        [ -f "$header" ] || continue
        [ "$header" != "${header%.h}" ] && compilers "$CC" gcc clang |
            while read -r cc; do try "$header" c c11 $cc; done
        compilers "$CXX" g++ clang++ |
            while read -r cxx; do try "$header" c++ c++11 $cxx; done
    done
    compilers "$CC" gcc clang | while read -r cc; do try_ints c c11 $cc; done
    compilers "$CXX" g++ clang++ | while read -r cxx; do try_ints c++ c++11 $cxx; done
)
[ -z "$output" ] || { echo "$output"; exit 1; }
