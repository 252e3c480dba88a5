# The options of cifar_train beyond the study: augmentation, one cycle of the learning rate, and
# values that are refused.
. "$SRCDIR/tests/examples/expect"
pictures="examples/study/augment.c examples/study/downsample.c examples/cifar.c"
# shellcheck disable=SC2086 # a list
compile check_augment tests/examples/check_augment.c $pictures
run 0 "$tmp/check_augment"
ok "augment: mirrored and moved in every way, the same again"
# shellcheck disable=SC2086
compile check_downsample tests/examples/check_downsample.c $pictures
run 0 "$tmp/check_downsample"
ok "downsample: means of squares, the rows of the data, after all other changes"
compile check_one_cycle tests/examples/check_one_cycle.c examples/study/one_cycle.c
run 0 "$tmp/check_one_cycle"
ok "one_cycle"
run 0 "$EXAMPLES/../obj/check_local_fields"
ok "local fields: squares anywhere, the same in every channel"
run 0 "$EXAMPLES/../obj/check_tta"
ok "tta: the class of the mean probability, in f32 and f64"

compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1
# train ARGUMENT...: sets $accuracies. Without 50 views, which take longer than all else.
train() {
    run 0 "$EXAMPLES/cifar_train" --data "$data" --quiet --recipe best --hidden 8,5 \
        --epochs 1 --no-views "$@"
    accuracies=$(sed 's/ seconds.*//' "$tmp/out")
}
train
best=$accuracies
train --threads 1
test "$accuracies" = "$best" || fail "another result with one thread"
for change in "--optimizer adamw --momentum 0" "--momentum 0.5" "--schedule cyclic" \
    "--dropout 0.5" "--label-smoothing 0.7" "--shift 9" "--no-flip" "--eta-max 0.01" \
    "--batch 500" "--window 0" "--window 11" "--views" "--shrink 4"; do
    # shellcheck disable=SC2086
    train $change
    test "$accuracies" != "$best" || fail "$change changes nothing"
done
ok "--recipe best: deterministic; each option changes the result"

run 0 "$EXAMPLES/cifar_train" --data "$data" --hidden 3 --epochs 1 --validation 123
expect_line err "^49877 training, 123 validation, 10000 test pictures"
ok "--validation: so many rows, the others are for training"

while read -r arguments; do
    # shellcheck disable=SC2086
    run 2 "$EXAMPLES/cifar_train" $arguments
    expect_count out 0
    expect_line err "^cifar_train: ${arguments%%[= ]*}"
done <<'END'
--recipe
--recipe worst
--optimizer adam
--schedule linear
--weight-decay -1
--weight-decay 0.2
--weight-decay 0.2 --optimizer sgd
--momentum 0.9 --optimizer adamw
--dropout 1
--dropout -0.1
--label-smoothing 1.1
--shift 32
--shift -1
--momentum 1
--window 33
--window 17 --shrink 2
--shrink 3
--shrink 0
--shrink 16
--validation 0
--validation 50000
--flip=yes
END
ok "bad options"
