#!/usr/bin/env python3
"""Measures the gain of each ingredient of `cifar_train --recipe best`, for `make study-recipe`.

First runs the recipe at its full length. All options were chosen before, so almost all training
rows are trained on, and only this run reports accuracy on test rows. Then runs the recipe, and the
recipe without each ingredient, for fewer epochs and without test-time augmentation, which would
take longer than that; these are compared on validation rows. The file of results keeps finished
runs, so that a killed program resumes."""

import argparse
import csv
import os
import pathlib
import re
import subprocess
import sys

STUDY = ["--momentum", "0", "--schedule", "cyclic", "--eta-max", "0.1", "--lambda", "0.005",
         "--batch", "100"]
PLAIN = ["--dropout", "0", "--label-smoothing", "0", "--no-flip", "--shift", "0",
         "--window", "0"]
ADAMW = ["--optimizer", "adamw", "--momentum", "0", "--eta-max", "0.003", "--lambda", "0",
         "--weight-decay", "0.05"]
INGREDIENTS = [
    ("all of it", []),
    ("layers of 50 and 50 units", ["--hidden", "50,50"]),
    ("the study's SGD, cyclic rate and penalty", STUDY),
    ("AdamW", ADAMW),
    ("no batchnorm", ["--no-batchnorm"]),
    ("no dropout", ["--dropout", "0"]),
    ("no label smoothing", ["--label-smoothing", "0"]),
    ("no mirrored pictures", ["--no-flip"]),
    ("no moved pictures", ["--shift", "0"]),
    ("first weights anywhere, not in windows", ["--window", "0"]),
    ("wide layers alone", STUDY + PLAIN),
    ("pictures of 16 x 16, windows of 4 x 4", ["--shrink", "2", "--window", "4"]),
    ("50 views in the end", ["--views"]),
]
COLUMNS = ["what", "epochs", "train", "val", "test", "seconds"]
FULL = "the whole recipe"


def read(folder):
    """Returns the finished runs; None if there is no file."""
    try:
        with open(pathlib.Path(folder) / "recipe.csv", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        return None
    if any(None in row.values() or list(row) != COLUMNS for row in rows):
        sys.exit(f"study: {folder}/recipe.csv: is no file of results of recipe.py")
    return rows


def append(folder, row):
    path = pathlib.Path(folder) / "recipe.csv"
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if path.stat().st_size == 0:
            writer.writeheader()
        writer.writerow(row)
        file.flush()
        os.fsync(file.fileno())


def train(program, what, epochs, arguments):
    """Runs cifar_train; returns its last line as a row. Only a run of full length, epochs 0, has
    the test accuracy."""
    command = [program, "--recipe", "best", "--quiet", *arguments]
    if epochs:
        command += ["--epochs", str(epochs)]
    print(f"study: {what}", file=sys.stderr, flush=True)
    line = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    numbers = dict(re.findall(r"(\w+)=([0-9.]+)", line))
    return {"what": what, "epochs": epochs or "all", "train": numbers["train"],
            "val": numbers["val"], "test": "" if epochs else numbers["test"],
            "seconds": numbers["seconds"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help="folder of the built examples")
    parser.add_argument("--results", required=True, help="folder for results")
    parser.add_argument("--epochs", type=int, default=10, help="of each run but the first")
    options = parser.parse_args()
    if not os.environ.get("CIFAR10_DIR"):
        sys.exit("study: set CIFAR10_DIR to the folder of the CIFAR-10 binary files;"
                 " examples/fetch_cifar10 downloads them")
    if options.epochs < 1:
        sys.exit("study: --epochs: at least 1")
    os.makedirs(options.results, exist_ok=True)
    done = {(row["what"], row["epochs"]) for row in read(options.results) or []}
    program = f"{options.programs}/cifar_train"
    if (FULL, "all") not in done:
        append(options.results, train(program, FULL, 0, ["--validation", "100"]))
    for what, arguments in INGREDIENTS:
        if (what, str(options.epochs)) not in done:
            append(options.results, train(program, what, options.epochs,
                                          ["--no-views", *arguments]))


if __name__ == "__main__":
    try:
        main()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"study: {error}")
