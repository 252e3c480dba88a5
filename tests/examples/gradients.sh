# gradient_check: its tables for synthetic pictures, and its error messages.
. "$SRCDIR/tests/examples/expect"

run 0 "$EXAMPLES/gradient_check"
expect_line out "^SYNTHETIC"
expect_line out "^f64: all below 1e-6"
expect_count out 51
worst=$(awk 'NF >= 4 && $2 ~ /^[1-9]$/ && $NF + 0 > worst { worst = $NF + 0 } END { print worst }' "$tmp/out")
expect_true "0 < $worst && $worst < 1e-6"
ok "gradient_check: the largest error in f64 is $worst"

run 1 "$EXAMPLES/gradient_check" --data "$tmp/nowhere"
expect_line err "^gradient_check: .*nowhere"
run 2 "$EXAMPLES/gradient_check" "$tmp/nowhere"
expect_line err "unknown argument"
run 2 "$EXAMPLES/gradient_check" --seed -3
expect_line err "seed"
run 2 "$EXAMPLES/gradient_check" --sed
expect_line err "help"
run 0 "$EXAMPLES/gradient_check" --help
expect_line out "^Usage"
ok "gradient_check: errors, --help"
