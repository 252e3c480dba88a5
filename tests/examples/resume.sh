# cifar_train saves, stops at signals, resumes, and continues when a checkpoint cannot be
# written.
. "$SRCDIR/tests/examples/expect"
cifar_train=$EXAMPLES/cifar_train

# train ARGUMENT...: two epochs
common="--hidden 20,10 --n-s 225 --epochs 2 --threads 1 --quiet"
# shellcheck disable=SC2086
train() { "$cifar_train" $common "$@"; }

# start ARGUMENT...: the same in the background, as $pid
# shellcheck disable=SC2086
start() {
    "$cifar_train" $common "$@" >"$tmp/out" 2>"$tmp/err" &
    pid=$!
}
accuracies() { sed 's/ seconds.*//' "$tmp/out"; }
# same NAME: fails unless the file is that of the run that was not stopped
same() { cmp "$tmp/whole.$1" "$tmp/$1" || fail "another $1"; }

run 0 train --save "$tmp/whole.net" --log "$tmp/whole.log" --checkpoint "$tmp/checkpoint" \
    --resume
expect_line err "no checkpoint .*/checkpoint yet: starting anew"
whole=$(accuracies)
run 0 train --save "$tmp/net" --threads 2
same net
ok "--save: the same bytes with and without checkpoints, with 1 and 2 threads"

# At the end of all epochs there is nothing left to do but compute the accuracies.
run 0 train --save "$tmp/net" --log "$tmp/log" --checkpoint "$tmp/checkpoint" --resume
test "$(accuracies)" = "$whole" || fail "another result"
same net && same log
ok "--resume after the last epoch"

# stopped SIGNAL STATUS: tests a run that the signal stops in its first epochs, and resumes it
stopped() {
    rm -f "$tmp/checkpoint" "$tmp/log" "$tmp/net"
    start --save "$tmp/net" --log "$tmp/log" --checkpoint "$tmp/checkpoint"
    while ! test -s "$tmp/log" && kill -0 $pid 2>/dev/null; do sleep 0.02; done
    sleep 0.1
    kill "-$1" $pid
    wait $pid
    got=$?
    test $got -eq "$2" || fail "exit status $got instead of $2 after SIG$1"
    expect_line err "stopped after step [0-9]* of run 1; --resume goes on from .*checkpoint"
    test ! -e "$tmp/net" || fail "a network was saved"
    run 0 train --save "$tmp/net" --log "$tmp/log" --checkpoint "$tmp/checkpoint" --resume
    test "$(accuracies)" = "$whole" || fail "another result after SIG$1"
    same net && same log
    ok "SIG$1 and --resume: the same network, log and result"
}
stopped TERM 143
# A shell's background jobs ignore SIGINT, which programs inherit; the handler overrides it.
stopped INT 130

# Without a checkpoint --save receives the network, or a line says that nothing is kept.
what="its network, half trained, is in .*/net"
for kept in "--save $tmp/net" ""; do
    rm -f "$tmp/log" "$tmp/net"
    # shellcheck disable=SC2086
    start --log "$tmp/log" --epochs 50 $kept
    while ! test -s "$tmp/log" && kill -0 $pid 2>/dev/null; do sleep 0.02; done
    kill -INT $pid
    wait $pid
    got=$?
    test $got -eq 130 || fail "exit status $got instead of 130 without --checkpoint"
    expect_count out 0
    expect_line err "stopped after step [0-9]* of run 1; $what"
    test -z "$kept" || test -s "$tmp/net" || fail "--save received nothing"
    what="nothing is kept without --save or --checkpoint"
done
ok "SIGINT without --checkpoint: --save receives the network; else a line says what is lost"

# Generating the data and the first step take longer than the sleeps below, so only the second signal ends it.
"$cifar_train" --hidden 1000 --batch 10000 --threads 1 --quiet --checkpoint "$tmp/slow" \
    >"$tmp/out" 2>"$tmp/err" &
pid=$!
sleep 1
kill -TERM $pid
sleep 0.2
kill -0 $pid 2>/dev/null || fail "the first signal did not wait for the step"
kill -TERM $pid
wait $pid
got=$?
test $got -eq 143 || fail "exit status $got after the second signal"
! grep -q stopped "$tmp/err" && test ! -e "$tmp/slow" || fail "the second signal waited"
ok "a second signal ends the program at once"

# killed LINE ARGUMENT...: tests a run that is killed when its log has a line that begins with
# LINE, and resumes it
killed() {
    line=$1
    shift
    run 0 train "$@" --save "$tmp/whole.net" --log "$tmp/whole.log"
    undisturbed=$(accuracies)
    rm -f "$tmp/killed" "$tmp/log" "$tmp/net"
    start "$@" --save "$tmp/net" --log "$tmp/log" --checkpoint "$tmp/killed" \
        --checkpoint-every 70
    while ! grep -q "^$line" "$tmp/log" 2>/dev/null && kill -0 $pid 2>/dev/null; do
        sleep 0.02
    done
    kill -KILL $pid
    wait $pid
    test ! -e "$tmp/net" || fail "it was not killed"
    run 0 train "$@" --save "$tmp/net" --log "$tmp/log" --checkpoint "$tmp/killed" --resume
    ! grep -q "starting anew" "$tmp/err" || fail "there was no checkpoint"
    test "$(accuracies)" = "$undisturbed" || fail "another result"
    same net && same log
}
killed 2, --runs 2 # the result of the first run is kept
ok "--runs 2, killed in the second"

recipe="--recipe best --hidden 20,10 --batch 100 --no-views"
# shellcheck disable=SC2086
killed 1,1, $recipe --epochs 2
# shellcheck disable=SC2086
run 1 train $recipe --epochs 3 --checkpoint "$tmp/killed" --resume
expect_line err "killed: made with another --schedule or its --epochs"
for other in "--momentum 0.5" "--window 9" "--views"; do
    # shellcheck disable=SC2086
    run 1 train $recipe --epochs 2 $other --checkpoint "$tmp/killed" --resume
    expect_line err "checkpoint"
done
# shellcheck disable=SC2086
killed 1,1, $recipe --epochs 2 --optimizer adamw --momentum 0
# shellcheck disable=SC2086
run 1 train $recipe --epochs 2 --optimizer adamw --momentum 0 --weight-decay 0.2 \
    --checkpoint "$tmp/killed" --resume
expect_line err "killed: made with another --weight-decay"
ok "--recipe best, with SGD and with AdamW; --epochs cannot change in one cycle"

# Two epochs and a third one later are the same as three at once.
run 0 train --epochs 3 --save "$tmp/whole.net" --log "$tmp/whole.log"
run 0 train --checkpoint "$tmp/more" --log "$tmp/log"
run 0 train --epochs 3 --checkpoint "$tmp/more" --resume --save "$tmp/net" --log "$tmp/log"
same net && same log
ok "--resume with more --epochs"

cp "$tmp/more" "$tmp/kept"
for other in "--hidden 10" "--batch 50" "--dtype f64" "--bn-eps 1e-4"; do
    # shellcheck disable=SC2086
    run 1 train --epochs 5 --checkpoint "$tmp/more" --resume $other
    expect_line err "^cifar_train: checkpoint"
    expect_count out 0
done
for other in "--init xavier" "--init 0.01" "--seed 2" "--n-s 226" "--flip" "--shift 2" \
    "--schedule one-cycle" "--lambda 0.001" "--eta-min 1e-6" "--eta-max 0.2" \
    "--label-smoothing 0.1" "--dropout 0.1" "--optimizer adamw"; do
    # shellcheck disable=SC2086
    run 1 train --epochs 5 --checkpoint "$tmp/more" --resume $other
    expect_line err "^cifar_train: checkpoint .*/more: made with another ${other%% *}"
    expect_count out 0
done
run 1 train --checkpoint "$tmp/whole.net" --resume
expect_line err "checkpoint: .*whole.net: expected a file that holds a checkpoint"
head -c 5000 "$tmp/kept" >"$tmp/cut"
run 1 train --checkpoint "$tmp/cut" --resume
expect_line err "cut: byte 5000: the file ends within"
cmp "$tmp/more" "$tmp/kept" || fail "a refused checkpoint was changed"
ok "checkpoints of other options, of other kinds and cut ones are refused"

echo file >"$tmp/file"
for option in --save --checkpoint; do
    run 1 train $option "$tmp/file/net"
    expect_line err "file/net: Not a directory"
    run 1 train $option "$tmp/none/net"
    expect_line err "none/net: No such file"
done
ok "paths that cannot be written are told of before training"

# goes_on COMMAND...: tests training whose checkpoint can no longer be written, as its message says
# with the reason $because; the old checkpoint stays
goes_on() {
    cp "$tmp/kept" "$tmp/old"
    run 0 "$@"
    expect_line err "checkpoint not written, the one before stays: .*$because"
    cmp "$tmp/kept" "$tmp/old" || fail "the old checkpoint is lost"
    test ! -e "$tmp/old.tmp" || fail "a temporary file is left"
    expect_count out 1
}
longer() { train --epochs 5 --checkpoint "$tmp/old" --resume; }
limited() { (trap '' XFSZ; ulimit -f 100; longer); }
because='File too large' goes_on limited
ok "a full disk: training goes on"
if test -c /dev/full; then
    run 0 train --checkpoint /dev/full
    expect_line err "checkpoint not written, .*/dev/full: .*No space"
    run 1 train --save /dev/full
    expect_line err "save: /dev/full: .*No space"
    test -c /dev/full || fail "/dev/full was replaced"
fi

# A sanitizer must be the first library that is loaded; only ELF has LD_PRELOAD.
if test -n "${SANITIZE-}" || test "$PLATFORM" != elf; then
    ok "failing fsync and rename: skipped here"
    exit 0
fi
(cd "$SRCDIR" && ${CC:-cc} -shared -fPIC -o "$tmp/failing.so" tests/examples/failing_calls.c \
    -ldl) || fail "failing_calls.c does not compile"
preloaded() {
    (export LD_PRELOAD="$tmp/failing.so" FAILING_CALL="$call" FAILING_FROM=1; longer)
}
for call in fsync rename; do
    because=cannot goes_on preloaded
    cp "$tmp/whole.net" "$tmp/net"
    run 1 env LD_PRELOAD="$tmp/failing.so" FAILING_CALL=$call FAILING_FROM=1 \
        "$cifar_train" --hidden '' --epochs 1 --quiet --save "$tmp/net"
    expect_line err "save: .*net: cannot"
    same net
done
ok "failing fsync and rename: training goes on, old files are whole"
