# predict with a network of cifar_train and with rows of a CSV file, and its error messages.
. "$SRCDIR/tests/examples/expect"
predict=$EXAMPLES/predict
run 0 "$predict" --help
expect_line out "^Usage: predict"
cp "$tmp/out" "$tmp/help"
run 0 "$predict" -h
cmp -s "$tmp/help" "$tmp/out" || fail "-h and --help differ"
while read -r arguments; do
    # shellcheck disable=SC2086
    run 2 "$predict" $arguments
    expect_line err "^Try predict --help"
    expect_count out 0
done <<'END'

model
model --data
model --data d x.csv
model x.csv y.csv
model x.csv --unknown
model --data d --rows 5-4
model --data d --rows 0-10000
model --data d --rows x
model --data d --rows 1-
model --data d --rows 1-2x
END
ok "predict: --help, bad options"

compile make_cifar tests/examples/make_cifar.c
mkdir "$tmp/data"
"$tmp/make_cifar" "$tmp/data" || exit 1
for shrink in 2 1; do
    run 0 "$EXAMPLES/cifar_train" --data "$tmp/data" --hidden 20 --epochs 1 --n-s 225 --quiet \
        --save "$tmp/net" --shrink $shrink
    test=$(field test)
    run 0 "$predict" "$tmp/net" --data "$tmp/data" --rows 0-9999
    expect_count out 10000
    right=$(awk 'substr($NF, 2, length($NF) - 2) == $2 { n++ } END { printf "%.4f", n / NR }' \
        "$tmp/out")
    expect_true "$right > $test - 0.0005 && $right < $test + 0.0005"
    awk '!($3 >= $5 && $5 >= $7 && $3 + $5 + $7 <= 1.0002) { exit 1 }' "$tmp/out" ||
        fail "classes are not ordered by probability"
    ok "predict: of the test pictures $right are right, as cifar_train says (shrunk by $shrink)"
done
run 0 "$predict" "$tmp/net" --data "$tmp/data"
expect_count out 10
CIFAR10_DIR=$tmp/data run 0 "$predict" "$tmp/net" --rows 17
expect_count out 1
expect_line out "^17:  band[0-9] [01]\.[0-9]\{4\}  band[0-9] 0\.[0-9]\{4\}  band[0-9] 0\.[0-9]\{4\}  (band[0-9])$"

run 1 "$predict" "$tmp/none" x.csv
expect_line err "^predict: .*none: cannot open: No such file"
run 1 "$predict" "$tmp/net" --data "$tmp/none"
expect_line err "none/data_batch_1.bin"
run 1 "$predict" "$tmp/net" "$tmp/none.csv"
expect_line err "none.csv: No such file"
head -c 3000 "$tmp/net" >"$tmp/cut"
run 1 "$predict" "$tmp/cut" x.csv
expect_line err "cut: byte 3000: the file ends"

# A file of another program, which is not a model of pictures: 2-3-2.
corpus=$SRCDIR/tests/fuzz/corpus/load
printf '2.385,-0.71\n 0.1, 3.5 \r\n-1e2,7' >"$tmp/rows.csv"
run 0 "$predict" "$corpus/relu" "$tmp/rows.csv"
expect_count out 3
expect_line out "^2:  class [01] [01]\.[0-9]\{4\}  class [01] 0\.[0-9]\{4\}$"
cp "$tmp/out" "$tmp/rows"
run 0 "$predict" "$corpus/relu" - <"$tmp/rows.csv"
cmp -s "$tmp/rows" "$tmp/out" || fail "standard input gives something else"
run 1 "$predict" "$corpus/relu" --data "$tmp/data"
expect_line err "3072 inputs, or 4, 16 or 64 times fewer, and 10 outputs, got one of 2 and 2"
for line in '1' '1,' '1,2,3' '1;2' 'x,2' '1,x' '1,2x' ''; do
    printf '2.385,-0.71\n%s\n' "$line" >"$tmp/bad.csv"
    run 1 "$predict" "$corpus/relu" "$tmp/bad.csv"
    expect_line err "bad.csv, line 2: expected 2 numbers"
done
printf '1,nan\n' >"$tmp/bad.csv"
run 1 "$predict" "$corpus/relu" "$tmp/bad.csv"
expect_line err "expected finite data"
if test -c /dev/full; then
    "$predict" "$corpus/relu" "$tmp/rows.csv" >/dev/full 2>"$tmp/err"
    test $? -eq 1 || fail "a full disk at stdout goes unnoticed"
    expect_line err "standard output: No space"
fi
ok "predict: rows of a CSV file; files that are missing, cut or do not fit"
