# cifar_train finds mistakes before it trains: options end with 2, the rest with 1, and one
# line says what is wrong.
. "$SRCDIR/tests/examples/expect"
compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1
train=$EXAMPLES/cifar_train

# refuse STATUS PATTERN ARGUMENT...: nothing on stdout, and on stderr the line.
refuse() {
    status=$1 pattern=$2
    shift 2
    run "$status" "$train" --quiet "$@"
    expect_count out 0
    expect_count err "$status" # a second line points to --help
    expect_line err "^cifar_train: .*$pattern"
}

while read -r arguments; do
    # shellcheck disable=SC2086
    refuse 2 "${arguments%%[= ]*}" $arguments
done <<'END'
--unknown
stray
--data
--data=
--hidden 50,
--hidden ,50
--hidden 0
--hidden 50,-1
--hidden 50;50
--hidden 5000000
--batchnorm=1
--bn-eps 0
--bn-eps -1
--bn-eps x
--lambda -1
--lambda inf
--lambda nan
--lambda 0x1
--lambda 1e-3x
--lambda=
--eta-min -1
--eta-max 1e999
--eta-min 0.2 --eta-max 0.1
--n-s 0
--epochs 0
--epochs 1.5
--epochs -1
--epochs 99999999999999999999
--batch 0
--batch 1
--init hee
--init -0.1
--seed -1
--seed 1e3
--runs 0
--threads -1
--threads 5000
--dtype f16
--log
--log-every 0 --log x.csv
--log-every 10
--plot curves.pdf
--plot svg
--save
--checkpoint=
--checkpoint-every 10
--checkpoint-every 0 --checkpoint x
--resume
--quiet=yes
--help=me
--version=1
-x
END
expect_line err "^Try cifar_train --help"

for units in 50,0 50,1000001 50, x; do
    refuse 2 "--hidden: \"$units\" is not a list of .* numbers from 1 to 1000000" \
        --hidden "$units"
done
ok "bad options"

run 0 "$train" --help
expect_count err 0
for option in data hidden batchnorm no-batchnorm bn-eps lambda eta-min eta-max n-s epochs \
    batch init seed runs threads dtype log log-every plot save checkpoint checkpoint-every resume quiet help version; do
    expect_line out "^  --$option "
done
awk 'length > 90 { exit 1 }' "$tmp/out" || fail "--help is wider than 90 columns"
cp "$tmp/out" "$tmp/help"
run 0 "$train" -h
cmp -s "$tmp/help" "$tmp/out" || fail "-h and --help differ"
run 0 "$train" --version
expect_count out 1
expect_line out "^cifar_train (libmlpbn) [0-9]*\.[0-9]*\.[0-9]*$"
ok "--help, -h, --version"

refuse 1 "$tmp/none/data_batch_1.bin: No such file.*fetch_cifar10" --data "$tmp/none"
# broken NAME PATTERN: the file NAME of the data, just broken, is refused; then it is mended.
broken() {
    refuse 1 "$data/$1: $2" --data "$data"
    rm -rf "${data:?}/$1"
    mv "$tmp/kept" "$data/$1"
}
keep() { mv "$data/$1" "$tmp/kept"; }

for name in data_batch_5.bin test_batch.bin; do
    keep $name
    broken $name "No such file.*fetch_cifar10"
    keep $name && mkdir "$data/$name"
    broken $name "is a directory"
    keep $name && head -c 30729999 "$tmp/kept" >"$data/$name"
    broken $name "has 30729999 bytes instead of 30730000"
    keep $name && (cat "$tmp/kept" && printf x) >"$data/$name"
    broken $name "has 30730001 bytes instead of 30730000"
    keep $name && (head -c 30726927 "$tmp/kept" && printf '\012' &&
        tail -c 3072 "$tmp/kept") >"$data/$name"
    broken $name "picture 9999 has label 10"
done
keep batches.meta.txt
broken batches.meta.txt "No such file.*fetch_cifar10"
keep batches.meta.txt && mkdir "$data/batches.meta.txt"
broken batches.meta.txt "cannot be read"
keep batches.meta.txt && head -n 9 "$tmp/kept" >"$data/batches.meta.txt"
broken batches.meta.txt "line 10"
keep batches.meta.txt && tr '\n' ' ' <"$tmp/kept" >"$data/batches.meta.txt"
broken batches.meta.txt "line 1"
keep data_batch_2.bin && cp "$tmp/kept" "$data/data_batch_2.bin" &&
    chmod 0 "$data/data_batch_2.bin"
if test -r "$data/data_batch_2.bin"; then
    mv "$tmp/kept" "$data/data_batch_2.bin" # root may read everything
else
    broken data_batch_2.bin "Permission denied"
fi
refuse 2 "--batch 45001 is more than the 45000 training rows" --data "$data" --batch 45001
ok "data files missing, short, long, mislabelled, directories; a batch beyond them"

# An old log is emptied when the new one's first line comes, which here it never does.
echo old >"$tmp/log.csv"
refuse 1 "No such file" --data "$tmp/none" --log "$tmp/log.csv"
refuse 1 "log $tmp/none/log.csv: No such file" --data "$data" --log "$tmp/none/log.csv"
refuse 1 "plot $tmp/none/plot.svg: " --data "$data" --plot "$tmp/none/plot.svg"
run 1 env PATH="$tmp" "$train" --quiet --data "$data" --plot "$tmp/plot.svg"
expect_line err "^cifar_train: plot .*/plot.svg: needs gnuplot"
test ! -e "$tmp/plot.svg" || fail "plot.svg was made"
# A sanitizer warns of such a size on stderr, too.
run 1 "$train" --quiet --data "$data" --hidden 1000000,1000000,1000000 \
    --log "$tmp/log.csv"
expect_line err "^cifar_train: network: "
test "$(cat "$tmp/log.csv")" = old || fail "the old log is lost"
refuse 1 "network: \|evaluation: \|step " --data "$data" --init 1e6 --epochs 1 \
    --no-batchnorm --eta-max 1e6 --eta-min 1e6
if test -c /dev/full; then
    refuse 1 "log /dev/full: No space" --data "$data" --log /dev/full
    for arguments in --help --version "--data $data --hidden 5 --epochs 1 --quiet"; do
        # shellcheck disable=SC2086
        "$train" $arguments >/dev/full 2>"$tmp/err"
        test $? -eq 1 || fail "a full disk at stdout goes unnoticed"
        expect_line err "^cifar_train: standard output: No space"
    done
    ok "files that cannot be written; a full disk"
else
    ok "files that cannot be written (no /dev/full here)"
fi
