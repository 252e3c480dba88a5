# Without data cifar_train draws synthetic pictures, on which hidden layers are far more accurate.
. "$SRCDIR/tests/examples/expect"
plot=$(command -v gnuplot >/dev/null && echo "$tmp/plot.svg")
run 0 "$EXAMPLES/cifar_train" --quiet --epochs 4 --hidden '' ${plot:+--plot "$plot"}
expect_line err SYNTHETIC
linear=$(field test)
CIFAR10_DIR='' run 0 "$EXAMPLES/cifar_train" --quiet --epochs 4 --n-s 900
expect_line err SYNTHETIC
expect_true "0.1 < $linear && $linear < 0.55 && $linear + 0.15 < $(field test)"
expect_true "$(field test) < 0.95"
ok "synthetic data: linear $linear, 3-layer with batchnorm $(field test)"

if test -n "$plot"; then
    grep -q '>SYNTHETIC DATA, 3072-10, ' "$plot" || fail "the plot hides that data are drawn"
    ! grep -A 1 'text-anchor="middle"' "$plot" | grep '[0-9]\.[0-9]*</text>' ||
        fail "the plot has ticks between epochs"
    ok "--plot of synthetic data"
fi
