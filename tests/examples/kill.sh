# Runs of cifar_train are killed at random moments, KILLS times in all, and resumed after each kill:
# each of them ends with the bits of a run that was never stopped.
. "$SRCDIR/tests/examples/expect"
kills=${KILLS:-5}

# train DIR: in the background, as $pid
train() {
    "$EXAMPLES/cifar_train" --hidden 20,10 --n-s 225 --epochs 3 --threads 1 --quiet \
        --save "$1/net" --log "$1/log" --log-every 150 --checkpoint "$1/checkpoint" \
        --checkpoint-every 40 --resume >"$tmp/out" 2>"$tmp/err" &
    pid=$!
}

# wait_for FILE: until it exists or the background job has ended
wait_for() { while ! test -e "$1" && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done; }

# sleep_up_to SECONDS: a random time, which $attempts determines
sleep_up_to() { sleep "$(awk "BEGIN { srand($attempts + 70); print 0.02 + ($1) * rand() }")"; }

mkdir "$tmp/whole"
train "$tmp/whole"
wait "$pid" || fail "the run that is not stopped"
seconds=$(field seconds)
accuracies=$(sed 's/ seconds.*//' "$tmp/out")

# Half of the kills come at any moment since the start, loading of the data included. The other
# half wait for a checkpoint, however long that takes on this machine.
attempts=0 killed=0 runs=0 with_checkpoint=0
while test "$killed" -lt "$kills"; do
    rm -rf "$tmp/killed"
    mkdir "$tmp/killed"
    while :; do
        train "$tmp/killed"
        if test "$killed" -lt "$kills"; then
            attempts=$((attempts + 1))
            if test $((attempts % 2)) -eq 1; then
                wait_for "$tmp/killed/checkpoint"
                sleep_up_to "$seconds"
            else
                sleep_up_to "1 + $seconds"
            fi
            kill -KILL "$pid" 2>/dev/null
        fi
        wait "$pid"
        status=$?
        test $status -ne 0 || break
        test $status -eq 137 || fail "exit status $status after a kill"
        killed=$((killed + 1))
        test ! -e "$tmp/killed/checkpoint" || with_checkpoint=$((with_checkpoint + 1))
    done
    runs=$((runs + 1))
    for file in net log; do
        cmp "$tmp/whole/$file" "$tmp/killed/$file" || fail "another $file after kills"
    done
    test "$(sed 's/ seconds.*//' "$tmp/out")" = "$accuracies" || fail "another result"
    test ! -e "$tmp/killed/net.tmp" && test ! -e "$tmp/killed/checkpoint.tmp" ||
        fail "a temporary file is left"
done
test "$with_checkpoint" -gt 0 || fail "no kill met a run with a checkpoint"
ok "$killed kills, $with_checkpoint of them with a checkpoint, in $runs runs: the same network and log"
