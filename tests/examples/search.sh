# cifar_search has the accuracies of cifar_train for any number of jobs, and resumes a search that
# was killed.
. "$SRCDIR/tests/examples/expect"
compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1

# search ARGUMENT...: one epoch unless the arguments say otherwise.
search() {
    run 0 "$EXAMPLES/study/cifar_search" --data "$data" --hidden 6 --n-s 225 --epochs 1 --quiet \
        "$@"
    expect_count err 0
}
# rows FILE: prints the results without seconds, sorted
rows() { tail -n +3 "$1" | sed 's/,[^,]*$//' | sort; }

values=0.013,2.5e-5,0.8,0.00173
for jobs in 1 2 3; do
    search --values $values --jobs $jobs --results "$tmp/$jobs.csv"
    rows "$tmp/$jobs.csv" >"$tmp/$jobs.rows"
    test "$(wc -l <"$tmp/$jobs.rows")" -eq 4 || fail "not 4 rows with $jobs jobs"
    cmp -s "$tmp/1.rows" "$tmp/$jobs.rows" || fail "other results with $jobs jobs"
done
expect_count out 5
test "$(awk 'NR > 1 { printf "%s ", $1 }' "$tmp/out")" = "2.5e-05 0.00173 0.013 0.8 " ||
    fail "the table is not sorted by lambda"
awk 'NR > 1 { accuracy[$5 ""] = $3; if ($5 == "") rest = $3 }
    END { exit !(accuracy["best"] >= accuracy["second"] &&
        accuracy["second"] >= accuracy["third"] && accuracy["third"] >= rest) }' \
    "$tmp/out" || fail "the best are marked wrongly"
ok "a table sorted by lambda, the same with 1, 2 and 3 jobs"

line=$(grep '^0.013,' "$tmp/1.csv")
run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 6 --n-s 225 --epochs 1 --quiet \
    --lambda 0.013
expect_true "$(field val) - $(echo "$line" | cut -d, -f3) == 0 &&
    $(field test) - $(echo "$line" | cut -d, -f4) == 0"
ok "cifar_train gives the same accuracy: $(field val)"

# A search is killed when two of its values are done.
"$EXAMPLES/study/cifar_search" --data "$data" --hidden 6 --n-s 225 --epochs 1 --quiet --jobs 1 \
    --values $values --results "$tmp/killed.csv" >/dev/null 2>&1 &
while test "$(cat "$tmp/killed.csv" 2>/dev/null | wc -l)" -lt 4; do
    kill -0 $! || fail "it ended by itself"
done
kill -9 $!
wait $! 2>/dev/null
test "$(wc -l <"$tmp/killed.csv")" -lt 6 || fail "it was faster than its end"
kept=$(sed -n 3,4p "$tmp/killed.csv")
printf '0.8,0.5' >>"$tmp/killed.csv" # half a line
search --values $values --results "$tmp/killed.csv"
rows "$tmp/killed.csv" | cmp -s - "$tmp/1.rows" || fail "other results after a kill"
test "$(sed -n 3,4p "$tmp/killed.csv")" = "$kept" || fail "finished runs were made again"
cp "$tmp/killed.csv" "$tmp/before.csv"
search --values $values --results "$tmp/killed.csv"
cmp -s "$tmp/killed.csv" "$tmp/before.csv" || fail "a finished search changed its file"
printf '# cifar_sea' >"$tmp/begun.csv"
search --values $values --results "$tmp/begun.csv"
rows "$tmp/begun.csv" | cmp -s - "$tmp/1.rows" || fail "other results after half a header"
ok "a killed search goes on where it was"

search --values $values --warm-start --results "$tmp/warm.csv"
test "$(sed -n 3p "$tmp/warm.csv" | sed 's/,[^,]*$//')" = \
    "$(grep '^0.013,' "$tmp/1.rows")" || fail "the first value does not begin afresh"
test "$(cut -d, -f1 "$tmp/warm.csv" | tail -n +3 | tr '\n' ,)" = "0.013,2.5e-05,0.8,0.00173," ||
    fail "weights are not carried in order"
rows "$tmp/warm.csv" >"$tmp/warm.rows"
for row in 2.5e-05 0.00173; do
    ! grep -q "$(grep "^$row," "$tmp/1.rows")" "$tmp/warm.rows" ||
        fail "$row does not go on from the weights before"
done
head -n 4 "$tmp/warm.csv" >"$tmp/cut.csv"
search --values $values --warm-start --results "$tmp/cut.csv"
rows "$tmp/cut.csv" | cmp -s - "$tmp/warm.rows" || fail "another warm start after a kill"
ok "--warm-start: in order, the same after a kill"

search --coarse --count 6 --batch 45000 --results "$tmp/coarse.csv"
awk -F, 'NR > 2 { n++; if ($1 < 1e-5 || $1 > 1e-1) exit 1; if ($1 < 1e-3) small++ }
    END { exit !(n == 6 && small > 0) }' "$tmp/coarse.csv" || fail "coarse values are wrong"
search --coarse --count 6 --batch 45000 --seed 2 --range 0.2,0.7 --results "$tmp/range.csv"
awk -F, 'NR > 2 && ($1 < 0.2 || $1 > 0.7) { exit 1 }' "$tmp/range.csv" || fail "--range"
search --fine --count 6 --batch 45000 --results "$tmp/fine.csv"
awk -F, 'NR > 2 && ($1 < 0.0017 || $1 > 0.0367) { exit 1 }' "$tmp/fine.csv" || fail "fine"
ok "--coarse, --fine, --range"

# The three best are 3e-3, 1e-2 and 2e-2: the range goes from 4e-4 to 0.05.
{
    head -n 2 "$tmp/1.csv"
    for point in 1e-5,.41 4e-4,.43 3e-3,.52 5e-3,.50 1e-2,.53 2e-2,.51 5e-2,.49 1e-1,.4; do
        echo "${point%,*},.6,${point#*,},.5,1.5"
    done
} >"$tmp/old.csv"
search --refine "$tmp/old.csv" --count 40 --batch 45000 --results "$tmp/refined.csv"
awk -F, 'NR > 2 { if ($1 < 4e-4 || $1 > 5e-2) exit 1; if ($1 > high) high = $1
        if (low == "" || $1 < low) low = $1 }
    END { exit !(low < 4e-3 && high > 0.046) }' "$tmp/refined.csv" ||
    fail "--refine takes another range"
ok "--refine"

run 0 "$EXAMPLES/study/cifar_search" --data "$data" --hidden 6 --epochs 1 --batch 45000 \
    --values 0.1,0.2
expect_count err 3
expect_line err "^search  2/2 runs"
if command -v gnuplot >/dev/null; then
    search --values $values --results "$tmp/1.csv" --plot "$tmp/s.svg"
    grep -q '</svg>' "$tmp/s.svg" || fail "no whole SVG file"
    grep -q '>validation<' "$tmp/s.svg" || fail "the plot names no curve"
    ok "progress, --plot"
else
    ok "progress; --plot: skipped, gnuplot is missing"
fi
