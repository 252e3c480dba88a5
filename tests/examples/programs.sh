# The small programs run and print the right results.
. "$SRCDIR/tests/examples/expect"

for xor in xor ${CXX:+xor_cpp}; do
    run 0 "$EXAMPLES/$xor"
    printf '0 xor 0 = 0\n0 xor 1 = 1\n1 xor 0 = 1\n1 xor 1 = 0\n' | cmp -s - "$tmp/out" ||
        fail "$xor has not learned exclusive or"
    ok $xor
done

sed -n '/^```c$/,/^```$/p' "$SRCDIR/README.md" | sed '1d;/^```$/,$d' >"$tmp/readme.c"
cmp -s "$tmp/readme.c" "$SRCDIR/examples/xor.c" || fail "README.md does not show xor.c as it is"
ok "README's program"

run 0 "$EXAMPLES/iris" "$SRCDIR/examples/iris.csv" "$tmp/iris.safetensors"
right=$(awk 'NR > 1 { sum += $NR } END { print sum }' "$tmp/out")
expect_true "$right >= 140 && $right <= 150"
[ -s "$tmp/iris.safetensors" ] || fail "iris saved no network"
run 1 "$EXAMPLES/iris" "$tmp/out" "$tmp/iris.safetensors"
run 2 "$EXAMPLES/iris"
ok "iris: $right of 150 right"

run 0 "$EXAMPLES/custom_loop"
first=$(sed -n '1s/.*loss //p' "$tmp/out")
last=$(sed -n '$s/.*loss //p' "$tmp/out")
expect_true "0 < $last && $last < 0.5 * $first"
ok "custom_loop: loss $first to $last"

run 0 "$EXAMPLES/early_stopping"
last=$(sed -n 's/^test loss: \([0-9.]*\) .*/\1/p' "$tmp/out")
best=$(sed -n 's/.*end, \([0-9.]*\) of.*/\1/p' "$tmp/out")
expect_true "0 < $best && $best < $last"
ok "early_stopping: test loss $best of the best, $last at the end"

run 0 "$EXAMPLES/regression"
rmse=$(sed -n 's/.*points: \([0-9.]*\) .*/\1/p' "$tmp/out")
baseline=$(sed -n 's/.*mean: \([0-9.]*\)).*/\1/p' "$tmp/out")
expect_true "0 < $rmse && $rmse < 0.15 * $baseline"
ok "regression: RMSE $rmse against $baseline"
