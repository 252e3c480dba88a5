#!/usr/bin/env python3
"""Computes metrics of small arrays with scikit-learn, and writes them as C initializers for
tests/api/test_metrics.c. Every run gives the same arrays: the name of the case seeds the random
numbers. Calibration errors are those of Guo et al. (2017), written out here.

    sklearn_metrics.py FILE            write FILE (tests/reference/sklearn_fixtures.inc)
    sklearn_metrics.py --check FILE    compute again and compare; exit status 1 if they differ
"""

import argparse
import math
import random
import re
import sys
import textwrap
import warnings

import numpy as np
import sklearn
from sklearn import metrics

BINS = 7
CHECK_TOLERANCE = 1e-12  # relative

# ---- Arrays.


def uniform(rng, shape, grid):
    """Numbers in [0, 1): multiples of 1 / grid, so that float has them too, or any (grid 0)."""
    values = np.array([rng.random() for _ in range(math.prod(shape))]).reshape(shape)
    return np.floor(values * grid) / grid if grid else values


def make_weights(rng, n, kind):
    if kind == "none":
        return None
    weights = 0.17 + 2.3 * uniform(rng, (n,), 0)
    if kind == "zeros":
        weights[::3] = 0
    return weights


class Classification:
    """n rows with probabilities of classes. grid: see uniform; a small one makes ties. absent:
    labels that no row has. pairs: each row's probabilities sum to 1."""

    def __init__(self, name, n, columns, dtype="F64", grid=0, weights="none", absent=(),
                 only=None, certain=False):
        self.name, self.n, self.columns, self.dtype = name, n, columns, dtype
        rng = random.Random(name)
        self.classes = max(columns, 2)
        choices = [c for c in range(self.classes) if c not in absent]
        self.labels = np.array([rng.choice(choices) if only is None else only for _ in range(n)])
        self.scores = uniform(rng, (n, columns), grid)
        if columns > 1 and not grid:
            self.scores /= self.scores.sum(1, keepdims=True)
        for i in range(0, n, 2):  # half of the rows know their label a little
            if columns == 1:
                self.scores[i, 0] = (self.scores[i, 0] + self.labels[i]) / 2
            else:
                j = self.labels[i]
                self.scores[i, j] = (1 + self.scores[i, j]) / 2
        if certain:  # clipped in the log loss
            self.scores[::4] = 0
            self.scores[1::4] = 1
        self.weights = make_weights(rng, n, weights)

    def both(self):
        """Probabilities of all classes."""
        if self.columns > 1:
            return self.scores
        return np.concatenate([1 - self.scores, self.scores], axis=1)


class Regression:
    def __init__(self, name, n, columns, dtype="F64", target_dtype="F64", grid=0, weights="none",
                 scale=1.0, offset=0.0, constant=(), perfect=()):
        self.name, self.n, self.columns = name, n, columns
        self.dtype, self.target_dtype = dtype, target_dtype
        rng = random.Random(name)
        self.targets = scale * (2 * uniform(rng, (n, columns), grid) - 1) + offset
        if target_dtype == "U8":
            self.targets = np.floor(255 * uniform(rng, (n, columns), 0))
        self.y = self.targets + scale * (uniform(rng, (n, columns), grid) - 0.5)
        self.targets[:, constant] = 2.5
        self.y[:, perfect] = self.targets[:, perfect]
        self.weights = make_weights(rng, n, weights)


# ---- Results.

def calibration_error(case):
    p = case.both()
    confidence, predicted = p.max(1), p.argmax(1)
    weights = np.ones(case.n) if case.weights is None else case.weights
    bins = np.maximum(np.ceil(confidence * BINS) - 1, 0)
    error = 0
    for b in range(BINS):
        w = weights * (bins == b)
        if w.sum() > 0:
            accuracy = math.fsum(w * (predicted == case.labels)) / math.fsum(w)
            error += math.fsum(w) * abs(accuracy - math.fsum(w * confidence) / math.fsum(w))
    return error / math.fsum(weights)


def top_k(case):
    """scikit-learn counts equal scores from the last class on, and the library from the first."""
    return [metrics.top_k_accuracy_score(case.columns - 1 - case.labels, case.scores[:, ::-1], k=k,
                                         labels=range(case.columns), sample_weight=case.weights)
            if case.columns > 2 else
            # of two columns it wants the second one's probability only
            np.average((case.scores.argmax(1) == case.labels) | (k == 2), weights=case.weights)
            for k in range(1, case.columns + 1)]


def ranking(case):
    """AUC and average precision of each class; None where the AUC is not defined."""
    auc, precision = [], []
    for j in range(case.columns):
        positive = case.labels == (1 if case.columns == 1 else j)
        counted = positive if case.weights is None else positive[case.weights > 0]
        if counted.all() or not counted.any():
            return None, None
        options = {"sample_weight": case.weights}
        auc.append(metrics.roc_auc_score(positive, case.scores[:, j], **options))
        precision.append(metrics.average_precision_score(positive, case.scores[:, j], **options))
    return auc, precision


def classify(case):
    options = {"sample_weight": case.weights, "labels": range(case.classes)}
    eps = np.finfo(np.float32 if case.dtype == "F32" else np.float64).eps
    clipped = np.clip(case.both(), eps, 1 - eps)  # in double, by the epsilon of the dtype
    predicted = case.both().argmax(1)
    reports = {average: metrics.precision_recall_fscore_support(
        case.labels, predicted, average=average, zero_division=0, **options)
        for average in (None, "macro", "micro", "weighted")}
    accuracy = metrics.accuracy_score(case.labels, predicted, sample_weight=case.weights)
    assert np.allclose(reports["micro"][:3], accuracy, rtol=1e-14)
    auc, precision = ranking(case)
    return {
        "dtype": f"MLPBN_{case.dtype}", "n": case.n, "columns": case.columns,
        "classes": case.classes, "labels": case.labels, "predicted": predicted,
        "scores": case.scores, "weights": case.weights,
        "matrix": metrics.confusion_matrix(case.labels, predicted, **options).astype(float),
        "precision": reports[None][0], "recall": reports[None][1], "f1": reports[None][2],
        "support": reports[None][3].astype(float),
        "averages": [accuracy, *reports["macro"][:3], *reports["weighted"][:3]],
        "top_k": top_k(case) if case.columns > 1 else None,
        "auc": auc, "average_precision": precision,
        "log_loss": metrics.log_loss(case.labels, clipped, **options),
        "brier": metrics.brier_score_loss(case.labels, case.both(), **options),
        "calibration_error": calibration_error(case),
    }


def regress(case):
    options = {"sample_weight": case.weights}
    results = {"dtype": f"MLPBN_{case.dtype}", "target_dtype": f"MLPBN_{case.target_dtype}",
               "n": case.n, "columns": case.columns, "y": case.y, "targets": case.targets,
               "weights": case.weights}
    for name, function in [("mae", metrics.mean_absolute_error),
                           ("rmse", metrics.root_mean_squared_error), ("r2", metrics.r2_score)]:
        results[name] = function(case.targets, case.y, **options)
        results[f"{name}_columns"] = function(case.targets, case.y, multioutput="raw_values",
                                              **options)
    return results


# ---- Cases.

def classifications():
    yield Classification("binary", 29, 1)
    yield Classification("binary, ties, f32", 37, 1, dtype="F32", grid=8)
    yield Classification("binary, ties, weights", 37, 1, grid=8, weights="some")
    yield Classification("binary, weights of 0", 31, 1, weights="zeros")
    yield Classification("binary, certain", 26, 1, certain=True)
    yield Classification("binary, certain, f32", 26, 1, dtype="F32", grid=64, certain=True)
    yield Classification("binary, one class", 7, 1, only=1)
    yield Classification("two columns", 23, 2)
    yield Classification("two columns, ties, weights, f32", 33, 2, dtype="F32", grid=8,
                         weights="some")
    yield Classification("three classes", 31, 3)
    yield Classification("three classes, weights", 31, 3, weights="some")
    yield Classification("five classes, ties", 41, 5, grid=8)
    yield Classification("five classes, ties, weights, f32", 41, 5, dtype="F32", grid=8,
                         weights="some")
    yield Classification("five classes, weights of 0", 41, 5, weights="zeros")
    yield Classification("six classes, two absent", 25, 6, absent=(0, 3))
    yield Classification("four classes, one present", 9, 4, only=2)
    yield Classification("four classes, certain", 24, 4, grid=64, certain=True)
    yield Classification("one row", 1, 3)


def regressions():
    yield Regression("one column", 19, 1)
    yield Regression("one column, f32", 19, 1, dtype="F32", target_dtype="F32", grid=1024)
    yield Regression("three columns", 23, 3)
    yield Regression("three columns, weights", 23, 3, weights="some")
    yield Regression("three columns, weights of 0", 23, 3, weights="zeros")
    yield Regression("bytes, f32", 17, 2, dtype="F32", target_dtype="U8", grid=64)
    yield Regression("far from 0", 21, 2, offset=1e6, weights="some")
    yield Regression("large", 13, 2, scale=1e150)
    yield Regression("small", 13, 2, scale=1e-150)
    yield Regression("a constant column, one predicted exactly", 15, 4, constant=(0, 2),
                     perfect=(2, 3))
    yield Regression("two rows", 2, 2)


# ---- C initializers.

def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return value
    if isinstance(value, (list, np.ndarray)):
        values = np.asarray(value)
        kind = "double" if values.dtype == float else "int32_t"
        return f"(const {kind}[]){{{', '.join(map(repr, values.reshape(-1).tolist()))}}}"
    return repr(float(value) if isinstance(value, np.floating) else value)


def initializer(name, values):
    lines = [f'{{.name = "{name}"'] + [f" .{k} = {literal(v)}" for k, v in values.items()]
    return ",\n".join("\n".join(textwrap.wrap(line, 98, initial_indent="", subsequent_indent="  ",
                                              break_on_hyphens=False, break_long_words=False))
                      for line in lines) + "},\n"


def make_all():
    warnings.simplefilter("ignore")  # of probabilities that do not sum to 1, and absent classes
    text = "/* Written by tests/reference/sklearn_metrics.py; see there. */\n"
    text += "#ifdef CLASSIFICATIONS\n"
    text += "".join(initializer(case.name, classify(case)) for case in classifications())
    text += "#else\n"
    text += "".join(initializer(case.name, regress(case)) for case in regressions())
    return text + "#endif\n"


# ---- Comparison of a new computation with the file.

NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?|-?\d+e[-+]?\d+")


def check(path, new):
    """The text must be the same except for numbers, and these but for rounding."""
    with open(path, encoding="ascii") as file:
        old = file.read()
    if NUMBER.sub("", old).split() != NUMBER.sub("", new).split():
        sys.exit(f"{path}: other cases than those in sklearn_metrics.py")
    pairs = zip(map(float, NUMBER.findall(old)), map(float, NUMBER.findall(new)))
    worst = max(abs(a - b) / (abs(a) or 1) for a, b in pairs)
    if worst > CHECK_TOLERANCE:
        sys.exit(f"{path}: differs from scikit-learn {sklearn.__version__} by {worst:g}, relative")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("file")
    arguments = parser.parse_args()
    text = make_all()
    if arguments.check:
        check(arguments.file, text)
    else:
        with open(arguments.file, "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    main()
