# cifar_init has the means of cifar_train, and resumes a study that was stopped.
. "$SRCDIR/tests/examples/expect"
compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1

init() {
    run 0 "$EXAMPLES/study/cifar_init" --data "$data" --hidden 5,4 --n-s 113 --epochs 1 \
        --batch 200 --runs 2 --quiet "$@"
    expect_count err 0
}
# rows FILE: prints the results without seconds, sorted
rows() { tail -n +3 "$1" | sed 's/,[^,]*$//' | sort; }

for jobs in 1 3; do
    init --init he,0.037 --bn-eps 1e-5,1e-9 --jobs $jobs --results "$tmp/$jobs.csv"
    rows "$tmp/$jobs.csv" >"$tmp/$jobs.rows"
    cmp -s "$tmp/1.rows" "$tmp/$jobs.rows" || fail "other results with $jobs jobs"
done
expect_count out 7
test "$(wc -l <"$tmp/1.rows")" -eq 24 || fail "not 2 lines for each of 12 runs"
test "$(awk 'NR > 1 { printf "%s %s ", $1, $2 }' "$tmp/out")" = \
    "he off 0.037 off he on 0.037 on he on 0.037 on " || fail "other cases"
cp "$tmp/out" "$tmp/table"
ok "a line for each case, the same with 1 and 3 jobs"

# same PATTERN ARGUMENT...: fails unless the table's line with PATTERN has the results of cifar_train
# with these arguments. The table has percentages with two decimals, cifar_train fractions with four.
same() {
    pattern=$1
    shift
    run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 5,4 --n-s 113 --epochs 1 \
        --batch 200 --runs 2 --quiet --lambda 0.0072 "$@"
    expected=$(sed -n 's/^mean train=\(.*\) ± \(.*\) val=\(.*\) ± \(.*\) test=\(.*\) ± \(.*\)/\1 \2 \3 \4 \5 \6/p' "$tmp/out")
    got=$(sed -n "s/^ *$pattern  *\([0-9.]*\) ± *\([0-9.]*\) *\([0-9.]*\) ± *\([0-9.]*\) *\([0-9.]*\) ± *\([0-9.]*\)/\1 \2 \3 \4 \5 \6/p" "$tmp/table")
    echo "$expected $got" | awk '{ for (i = 1; i <= 6; i++)
            if (100 * $i - $(i + 6) > 0.011 || $(i + 6) - 100 * $i > 0.011) exit 1
        exit NF != 12 }' || fail "$got instead of $expected: $*"
}
same 'he *off' --no-batchnorm
same '0.037 *on *1e-9' --init 0.037 --bn-eps 1e-9
ok "the means and deviations of cifar_train"

head -n 15 "$tmp/1.csv" >"$tmp/cut.csv" # 6 runs, and a line of a seventh
printf 'he,1,1e' >>"$tmp/cut.csv"
init --init he,0.037 --bn-eps 1e-5,1e-9 --results "$tmp/cut.csv"
cmp -s "$tmp/out" "$tmp/table" || fail "another table after a stop"
rows "$tmp/cut.csv" | cmp -s - "$tmp/1.rows" || fail "other results after a stop"
head -n 14 "$tmp/1.csv" >"$tmp/kept"
head -n 14 "$tmp/cut.csv" | cmp -s - "$tmp/kept" || fail "finished runs were made again"
ok "a study that was stopped goes on where it was"

if command -v gnuplot >/dev/null; then
    init --init he,0.037 --bn-eps 1e-5,1e-9 --results "$tmp/1.csv" --plot "$tmp/i.svg" \
        --plot-eps "$tmp/e.svg"
    grep -q '>without batchnorm<' "$tmp/i.svg" || fail "no panel without batchnorm"
    grep -q '>batchnorm, eps 1e-9<' "$tmp/i.svg" || fail "no panel for eps 1e-9"
    grep -q '>test accuracy in %<' "$tmp/e.svg" || fail "no accuracy against eps"
    ok "--plot, --plot-eps"
else
    ok "--plot: skipped, gnuplot is missing"
fi
