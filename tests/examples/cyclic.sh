# The cyclic learning rates are those of the paper.
. "$SRCDIR/tests/examples/expect"
compile schedule tests/examples/schedule.c examples/cyclic_lr.c
run 0 "$tmp/schedule"
ok "cyclic_lr: triangular, triangular2, exp_range"
