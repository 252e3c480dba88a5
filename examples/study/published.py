"""The figures of the study that libmlpbn comes from."""

# Hidden layers of the two networks.
THREE = "50,50"
NINE = "50,30,20,20,10,10,10,10"

# (name of a set of runs, batchnorm): title; training, validation and test accuracy in %, None if
# unknown; test accuracy of an independent implementation of the protocol on the re-encoded files.
ACCURACY = {
    ("three", 0): ("3-layer, no batchnorm", None, None, "52.87 (one run)", "52.2 to 53.6"),
    ("three", 1): ("3-layer, batchnorm", "61.67 ± 0.15", "54.11 ± 0.49",
                   "52.59 ± 0.31; one run 53.08", "52.6 to 53.8"),
    ("nine", 0): ("9-layer, no batchnorm", None, None, "40.21 (one run)", "46 to 51"),
    ("nine", 1): ("9-layer, batchnorm", None, None, "47.61 (one run)", "51.0 to 52.4"),
    ("three-best", 1): ("3-layer, batchnorm, λ = .0072", "60.82 ± 0.08", "53.87 ± 0.31",
                        "53.06 ± 0.27", "52.6 to 53.8"),
}

# Triples of lambda, training and validation accuracy.
COARSE = """
1.80e-5 .577 .511  3.29e-5 .623 .514  3.80e-5 .654 .504  5.58e-5 .676 .499
8.93e-5 .691 .494  1.59e-4 .704 .491  1.75e-4 .713 .490  2.18e-4 .722 .486
2.39e-4 .728 .486  2.43e-4 .731 .479  4.68e-4 .733 .487  9.68e-4 .729 .487
1.17e-3 .717 .491  1.71e-3 .695 .502  1.77e-3 .682 .517  2.43e-3 .665 .531
5.25e-3 .630 .539  .01218 .600 .541  .01272 .600 .545  .01432 .598 .547
.03581 .559 .523  .03664 .556 .520  .06918 .529 .500  .08246 .520 .495
.08367 .521 .493
"""
FINE = """
.00318 .622 .526  .00626 .621 .537  .00645 .620 .539  .00724 .619 .543
.00997 .609 .536  .01008 .610 .537  .01530 .594 .540  .01915 .585 .526
.02261 .574 .528  .02371 .572 .529  .02540 .569 .529  .02828 .568 .523
.03184 .559 .520  .03214 .559 .525  .03555 .557 .517
"""


def triples(text):
    numbers = text.split()
    return [tuple(numbers[i:i + 3]) for i in range(0, len(numbers), 3)]


# 9-layer, lambda .0072: (sigma, batchnorm): training, validation and test accuracy in %.
INIT = {(sigma, 0): ("10.05", "9.50", "10.00") for sigma in ("0.1", "0.001", "0.0001")}
INIT.update({
    ("0.1", 1): ("58.16 ± 0.14", "51.34 ± 0.53", "51.14 ± 0.34"),
    ("0.001", 1): ("55.93 ± 1.76", "49.58 ± 1.41", "49.17 ± 1.37"),
    ("0.0001", 1): ("55.20 ± 1.94", "49.56 ± 0.92", "49.17 ± 1.28"),
})
