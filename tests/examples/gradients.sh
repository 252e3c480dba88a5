# gradient_check: its tables on pictures that are drawn, and what it refuses.
. "$SRCDIR/tests/examples/expect"

run 0 "$EXAMPLES/gradient_check"
said out "^SYNTHETIC"
said out "^f64: all below 1e-6"
lines out 51
worst=$(awk 'NF >= 4 && $2 ~ /^[1-9]$/ && $NF + 0 > worst { worst = $NF + 0 } END { print worst }' "$tmp/out")
truth "0 < $worst && $worst < 1e-6"
ok "gradient_check: the largest error in f64 is $worst"

run 1 "$EXAMPLES/gradient_check" "$tmp/nowhere"
said err "^gradient_check: .*nowhere"
run 2 "$EXAMPLES/gradient_check" --seed -3
said err "seed"
run 2 "$EXAMPLES/gradient_check" --sed
said err "help"
run 0 "$EXAMPLES/gradient_check" --help
said out "^Usage"
ok "gradient_check: errors, --help"
