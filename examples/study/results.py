"""Reads the files of results of cifar_search and cifar_init."""

import csv
import statistics


def rows(folder, name):
    with open(f"{folder}/{name}.csv", newline="") as file:
        next(file)  # the settings
        return list(csv.DictReader(file))


def search(folder, name):
    """Returns (lambda, training, validation, test accuracy) of each value, sorted by lambda."""
    return sorted(tuple(float(row[column]) for column in (
        "lambda", "train_accuracy", "val_accuracy", "test_accuracy"))
        for row in rows(folder, name))


def runs(folder, name):
    """Returns {(init, batchnorm, eps): {run: [{column: number} for each epoch]}}, with sigmas from
    large to small. Runs are in the order in which they ended."""
    cases = {}
    for row in rows(folder, name):
        case = (row["init"], int(row["batchnorm"]), row["bn_eps"])
        points = cases.setdefault(case, {}).setdefault(int(row["run"]), [])
        points.append({column: float(text) for column, text in row.items()
                       if text and column != "init"})
    return dict(sorted(cases.items(), key=order))


def order(case):
    init, batchnorm, eps = case[0]
    sigma = 0 if init in ("he", "xavier") else -float(init)
    return sigma, batchnorm, -float(eps)


def last(case, column):
    """Returns the last value of a column for each run of a case, in %, in the order of seeds."""
    return [100 * case[run][-1][column] for run in sorted(case)]


def spread(case, column, epoch):
    """Returns mean, minimum and maximum over the runs."""
    numbers = [points[epoch][column] for points in case.values()]
    return statistics.fmean(numbers), min(numbers), max(numbers)


def format_mean_std(numbers):
    """Returns "mean ± sample standard deviation", with two digits after the point."""
    mean = f"{statistics.fmean(numbers):.2f}"
    return f"{mean} ± {statistics.stdev(numbers):.2f}" if len(numbers) > 1 else mean
