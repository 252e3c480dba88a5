# The cyclic learning rates are the values of the paper's formulas.
. "$SRCDIR/tests/examples/expect"
compile check_cyclic_lr tests/examples/check_cyclic_lr.c examples/cyclic_lr.c
run 0 "$tmp/check_cyclic_lr"
ok "cyclic_lr: triangular, triangular2, exp_range"
