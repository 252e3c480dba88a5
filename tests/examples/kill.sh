# A run of cifar_train that is killed at random moments, KILLS times, and resumed ends with
# the bits of one that was not disturbed.
. "$SRCDIR/tests/examples/expect"
test "$JANSSON" = yes || { echo "needs jansson"; exit 77; }
kills=${KILLS:-5}

# train DIR ARGUMENT...: in the background, so that it can be killed
train() {
    "$EXAMPLES/cifar_train" --hidden 20,10 --n-s 225 --epochs 3 --threads 1 --quiet \
        --save "$1/net" --log "$1/log" --log-every 150 --checkpoint "$1/checkpoint" \
        --checkpoint-every 40 --resume >"$tmp/out" 2>"$tmp/err" &
    pid=$!
}

mkdir "$tmp/whole"
train "$tmp/whole"
wait "$pid" || fail "the run that is not disturbed"
span=$(field seconds)
accuracies=$(sed 's/ seconds.*//' "$tmp/out")

# Each run is killed after a random part of about the time it takes, until one ends.
killed=0 ended=0 within=0
while test "$killed" -lt "$kills"; do
    rm -rf "$tmp/killed"
    mkdir "$tmp/killed"
    while :; do
        train "$tmp/killed"
        if test "$killed" -lt "$kills"; then
            sleep "$(awk "BEGIN { srand($killed + 71); print 0.02 + (1 + $span) * rand() }")"
            kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1))
        fi
        wait "$pid"
        status=$?
        case $status in
        0) break ;;
        137) test ! -e "$tmp/killed/checkpoint" || within=$((within + 1)) ;;
        *) fail "exit status $status after a kill" ;;
        esac
    done
    ended=$((ended + 1))
    for file in net log; do
        cmp "$tmp/whole/$file" "$tmp/killed/$file" || fail "another $file after kills"
    done
    test "$(sed 's/ seconds.*//' "$tmp/out")" = "$accuracies" || fail "another result"
    test ! -e "$tmp/killed/net.tmp" && test ! -e "$tmp/killed/checkpoint.tmp" ||
        fail "litter"
done
test "$within" -gt 0 || fail "no kill met a run with a checkpoint"
ok "$killed kills, $within of them with a checkpoint, in $ended runs: the same network and log"
