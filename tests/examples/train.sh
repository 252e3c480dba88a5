# The results, the log, the plot and the progress of cifar_train.
. "$SRCDIR/tests/examples/expect"
compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1
result='^result train=[01]\.[0-9]\{4\} val=[01]\.[0-9]\{4\} test=[01]\.[0-9]\{4\} '
result=$result'seconds=[0-9]*\.[0-9] images_per_second=[1-9][0-9]*$'

# train ARGUMENT...: one epoch unless the arguments say otherwise.
train() {
    run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 20,10 --n-s 225 --epochs 1 \
        --quiet "$@"
    expect_count err 0
}
accuracies() { sed 's/ seconds.*//' "$tmp/out"; }
wrong_log() { fail "$1 is wrong: $(cat "$tmp/log.csv")"; }

for threads in 1 2 3; do
    train --threads=$threads --log "$tmp/log$threads.csv"
    test $threads -gt 1 || first=$(accuracies)
    test "$(accuracies)" = "$first" || fail "other accuracies with $threads threads"
    cmp -s "$tmp/log1.csv" "$tmp/log$threads.csv" || fail "another log with $threads threads"
done
expect_count out 1
expect_line out "$result"
expect_true "$(field test) > 0.7 && $(field val) > 0.7 && $(field train) > 0.7"
ok "result line: $(cat "$tmp/out")"
ok "the same seed gives the same result and log, with 1, 2 and 3 threads"

train --seed 2
second=$(accuracies)
odd="$tmp/a 'b' \$(c) \"d\".svg"
plot=$(command -v gnuplot >/dev/null && echo --plot)
train --runs 2 --log "$tmp/log.csv" --log-every 200 ${plot:+"$plot" "$odd"}
expect_count out 3
test "$(accuracies | head -n 2)" = "$first
$second" || fail "run r does not have seed + r - 1"
number='[01]\.[0-9]\{4\}'
expect_line out "^mean train=$number ± $number val=$number ± $number test=$number ± $number\$"
ok "--runs: $(tail -n 1 "$tmp/out")"

# The log has steps 0, 200, 400 and 450 of both runs; every cost is above its loss.
test "$(head -n 1 "$tmp/log.csv")" = "run,epoch,step,learning_rate,train_cost,train_loss,\
train_accuracy,val_cost,val_loss,val_accuracy" || wrong_log header
awk -F, 'NR > 1 && (NF != 10 || $5 <= $6 || $8 <= $9 || $7 > 1 || $10 > 1 ||
        ($3 - $2 * 450) ^ 2 > 1e-2) { exit 1 }
    NR > 1 { steps = steps " " $1 ":" $3 }
    END { exit steps != " 1:0 1:200 1:400 1:450 2:0 2:200 2:400 2:450" }' "$tmp/log.csv" ||
    wrong_log "the log within an epoch"
ok "log: its columns, rows within an epoch"

run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 10 --epochs 2 --log "$tmp/log.csv"
test "$(cut -d, -f2,3 "$tmp/log.csv" | tail -n +2 | tr '\n' ' ')" = "0,0 1,450 2,900 " ||
    wrong_log "the log's row an epoch"
expect_count err 3
expect_line err "band0, band1, .*, band9$"
expect_line err "^epoch  2/2 .*acc .*val .*img/s"
ok "log and progress: a line an epoch"

# Without measuring, too, cost and accuracy are those of the epoch's steps.
run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 20,10 --n-s 225 --epochs 3
for epoch in 1 2 3; do
    expect_line err "^epoch  $epoch/3  lr .*  cost [0-9.]*[1-9][0-9]*  acc [0-9]*[1-9][0-9.]* %  val "
done
grep '^epoch' "$tmp/err" | sed 's/.*\(cost.*\)  val.*/\1/' >"$tmp/without"
run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 20,10 --n-s 225 --epochs 3 \
    --log /dev/null
grep '^epoch' "$tmp/err" | sed 's/.*\(cost.*\)  val.*/\1/' >"$tmp/with"
cmp -s "$tmp/without" "$tmp/with" || fail "other costs without --log: $(cat "$tmp/without")"
ok "progress: the same costs with and without --log"

compile check_progress tests/examples/check_progress.c examples/study/progress.c
"$tmp/check_progress" 2>"$tmp/err"
test "$(grep -c '  1:40 left$' "$tmp/err")" -eq 3 && test "$(grep -c left "$tmp/err")" -eq 3 ||
    fail "time left: $(cat "$tmp/err")"
ok "time left, in a run that was resumed, too"

if script -qec true /dev/null >"$tmp/out" 2>&1 </dev/null; then
    run 0 script -qec "$EXAMPLES/cifar_train --data $data --hidden 10 --epochs 2" /dev/null \
        </dev/null
    tr '\r' '\n' <"$tmp/out" >"$tmp/terminal"
    test "$(grep -c '^.\[Kepoch  [12]/2 .*val ' "$tmp/terminal")" -eq 2 ||
        fail "a terminal does not keep a line an epoch"
    grep '^epoch  1/2 ' "$tmp/terminal" | head -n 1 | grep -q 'img/s.\[K$' ||
        fail "the first bar knows already how long it takes"
    ok "progress on a terminal"
else
    ok "progress on a terminal: skipped, there is no script of util-linux"
fi

train --dtype f64 --batch 4999 --init 0.01 --no-batchnorm --lambda 0
expect_line out "$result"
train --batch 44999 --log /dev/null # a single row would be left, which is dropped
train --batch 45000 --init xavier --bn-eps 1e-8
CIFAR10_DIR=$data run 0 "$EXAMPLES/cifar_train" --hidden '' --epochs 1 --quiet
expect_count err 0
expect_line out "$result"
ok "f64, smaller last batches, initializations, a linear classifier on \$CIFAR10_DIR"

if test -n "$plot"; then
    grep -q '</svg>' "$odd" || fail "no whole SVG file"
    grep -q '>validation' "$odd" || fail "the plot names no curve"
    grep -q '>3072-20-10-10, batchnorm, λ = 0.005, rate 1e-5 to 0.1<' "$odd" ||
        fail "the plot has another title"
    ! grep -q "href='#gpPt6'" "$odd" || fail "points on lines of many points"
    run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 5 --epochs 1 --plot "$tmp/few.svg"
    expect_line err "^The curves are in $tmp/few.svg\.$"
    grep -q "href='#gpPt6'" "$tmp/few.svg" || fail "no points on lines of two points"
    printf 'old' >"$tmp/plot.png"
    train --plot "$tmp/plot.png"
    test "$(head -c 4 "$tmp/plot.png" | tail -c 3)" = PNG || fail "no PNG file"
    ok "--plot: svg and png"
else
    ok "--plot: skipped, gnuplot is missing"
fi
