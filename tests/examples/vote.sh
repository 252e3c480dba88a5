# cifar_vote classifies by several networks together; what it refuses.
. "$SRCDIR/tests/examples/expect"
vote=$EXAMPLES/cifar_vote
run 0 "$vote" --help
said out "^Usage: cifar_vote"
for arguments in "" "folder" "--unknown folder model"; do
    # shellcheck disable=SC2086
    run 2 "$vote" $arguments
    said err "^Try cifar_vote --help"
    lines out 0
done
ok "cifar_vote: --help, bad arguments"
if test "$JANSSON" != yes; then
    run 1 "$vote" folder model
    said err "jansson"
    exit 0
fi

compile make_cifar tests/examples/make_cifar.c
mkdir "$tmp/data"
"$tmp/make_cifar" "$tmp/data" || exit 1
# train NAME ARGUMENT...: a network of few steps, and what cifar_train says of it
train() {
    name=$1
    shift
    run 0 "$EXAMPLES/cifar_train" --data "$tmp/data" --hidden 8 --epochs 1 --eta-max 0.003 \
        --views --quiet --save "$tmp/$name" "$@"
    sed -n 's/.*\(val=[0-9.]* test=[0-9.]*\) .*/\1/p' "$tmp/out" >"$tmp/$name.said"
}
train a --seed 3 --shrink 4
train b --seed 4 --shrink 8
run 0 "$vote" "$tmp/data" "$tmp/a" "$tmp/b"
lines out 3
for name in a b; do
    said out "^$tmp/$name $(cat "$tmp/$name.said")\$"
done
said out "^vote val=0\.[0-9]\{4\} test=0\.[0-9]\{4\}\$"
ok "cifar_vote: each network as cifar_train says, also of other sizes"
run 0 "$vote" "$tmp/data" "$tmp/a" "$tmp/a"
said out "^vote $(cat "$tmp/a.said")\$"
ok "cifar_vote: a network agrees with itself"

run 1 "$vote" "$tmp/none" "$tmp/a"
said err "none/data_batch_1.bin"
run 1 "$vote" "$tmp/data" "$tmp/a" "$tmp/none"
said err "^cifar_vote: .*none: cannot open: No such file"
lines out 0
run 1 "$vote" "$tmp/data" "$SRCDIR/tests/fuzz/corpus/load/relu"
said err "relu: not a network of cifar_train: it has 2 inputs and 2 outputs"
ok "cifar_vote: files that are missing or do not fit, before it begins"
