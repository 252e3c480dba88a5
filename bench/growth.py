#!/usr/bin/env python3
"""Measures how the cost of libmlpbn grows with batch, width, depth, rows and threads, and looks for
shapes that are much slower than their neighbors. Writes CSV files to obj/bench and pictures with
the fitted model to a folder."""

import argparse
import csv
import os
import statistics
import sys

import cases
import fit
import plotting
from contestants import BUILD, Worker

ROUNDS = 5
REPEATED = 3  # measurements of each shape of the scan, of which the minimum counts
CONFIRMED = 8  # repetitions that must confirm a cliff
CLIFF = 1.5  # a shape is a cliff if it takes this many times as long as the padded one
PADDED = 16  # a padded size is a multiple of this


def make_job(sizes, batch, rows, batchnorm=0, **others):
    return {"sizes": cases.sizes(sizes), "batch": batch, "rows": rows, "batchnorm": batchnorm,
            "seconds": 0.05, **others}


def powers(first, last, between=False):
    """Returns 1, 2, 4 ...; if `between`, also 3, 6, 12 ..."""
    sizes = set()
    for start in (1, 3) if between else (1,):
        while start <= last:
            sizes.add(start)
            start *= 2
    return sorted(n for n in sizes if n >= first)


class Curve:
    """points: {x: (sizes, batch, job)}; scale: converts seconds to the unit of ylabel."""

    def __init__(self, name, axis, title, points, ylabel="us a step", scale=1e6):
        self.name, self.axis, self.title = name, axis, title
        self.points, self.ylabel, self.scale = points, ylabel, scale


def curves():
    three_layers = {b: (cases.THREE, b, make_job(cases.THREE, b, 45000)) for b in powers(1, 4096)}
    wide = {w: ([3072, w, w, 10], 100, make_job([3072, w, w, 10], 100, 45000))
            for w in powers(8, 4096, True)}
    deep = {}
    for d in powers(1, 64):
        sizes = [64] + [64] * d + [10]
        deep[d] = (sizes, 100, make_job(sizes, 100, 100000, 1, rows_dtype="f32"))
    return [
        Curve("batch", "rows of a batch", "3072-50-50-10", three_layers),
        Curve("width", "units of a hidden layer", "3072-w-w-10, batch 100", wide),
        Curve("depth", "hidden layers", "64 inputs, layers of 64 with batchnorm, batch 100", deep),
    ]


class Progress:
    def __init__(self):
        self.shown = sys.stderr.isatty()

    def say(self, text):
        if self.shown:
            print(f"\r\033[K{text}", end="" if text else "", file=sys.stderr, flush=True)


def measure(worker, job, repeated):
    worker.setup(job)
    values = [worker.run()[0] for _ in range(repeated)]
    worker.drop()
    return values


def write_csv(name, head, rows):
    path = os.path.join(BUILD, f"growth-{name}.csv")
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def measure_curve(curve, worker, progress):
    """Returns [(x, median, min, max)]. Each round measures all points, so that a slow minute of the
    machine does not bend the curve."""
    values = {x: [] for x in curve.points}
    for r in range(ROUNDS):
        for x, (_, _, job) in curve.points.items():
            progress.say(f"{curve.name} {x}: round {r + 1} of {ROUNDS}")
            values[x] += measure(worker, job, 1)
    return [(x, statistics.median(v), min(v), max(v)) for x, v in values.items()]


def draw_curve(curve, rows, fit_text, fitted, folder):
    data = [[x, *(curve.scale * t for t in (m, low, high, fit_value))]
            for (x, m, low, high), fit_value in zip(rows, fitted)]
    plotting.draw(plotting.block("points", data) + f"""
set logscale xy
set xlabel '{curve.axis}'
set ylabel '{curve.ylabel}'
set key left top
plot $points using 1:5 with lines linecolor '#d55e00' title '{fit_text}', \
$points using 1:2:3:4 with yerrorbars pointtype 7 pointsize 0.5 linecolor '#0072b2' \
title 'measured: median, range'
""", os.path.join(folder, f"growth-{curve.name}.svg"), curve.title)


def grow(curve, worker, folder, progress):
    rows = measure_curve(curve, worker, progress)
    terms = [fit.terms(sizes, batch, sizes[0] * (1 if job.get("rows_dtype", "u8") == "u8" else 4))
             for sizes, batch, job in curve.points.values()]
    coefficients = fit.fit([(t, row[1]) for t, row in zip(terms, rows)])
    fitted = [fit.predict(coefficients, t) for t in terms]
    draw_curve(curve, rows, fit.describe(coefficients), fitted, folder)
    write_csv(curve.name, [curve.axis, "median_s", "min_s", "max_s", "model_s"],
              [(*row, t) for row, t in zip(rows, fitted)])
    worst = max(max(row[1] / t, t / row[1]) for row, t in zip(rows, fitted))
    progress.say("")
    print(f"{curve.name}: {fit.describe(coefficients)}; the model is off by at most "
          f"{worst:.2f} times")


def grow_rows(worker, folder, progress):
    """Measures whole epochs, with the shuffle; the model is a constant time per row."""
    points = {}
    for n in (1000, 3000, 10000, 30000, 100000, 300000, 1000000):
        job = make_job(cases.THREE, 100, n, 1, repeats=n // 100)
        points[n] = (cases.THREE, 100, job)
    curve = Curve("rows", "rows of the data set", "3072-50-50-10 with batchnorm, batch 100",
                  points, "s an epoch", 1)
    rows = []
    for n, (_, _, job) in points.items():
        progress.say(f"rows {n}")
        values = [v * (n // 100) for v in measure(worker, job, ROUNDS if n <= 100000 else 3)]
        rows.append((n, statistics.median(values), min(values), max(values)))
    per_row = fit.fit([([n], median) for n, median, _, _ in rows])[0]
    text, fitted = f"{1e6 * per_row:.3f} us a row", [per_row * row[0] for row in rows]
    draw_curve(curve, rows, text, fitted, folder)
    write_csv("rows", [curve.axis, "median_s", "min_s", "max_s", "model_s"],
              [(*row, t) for row, t in zip(rows, fitted)])
    progress.say("")
    print(f"rows: {text}")


def grow_threads(folder, progress):
    """Measures the speed-up over one thread; the model is Amdahl's law."""
    jobs = {"reference": make_job(cases.NINE, 100, 45000, 1),
            "large": make_job(cases.LARGE, 256, 45000)}
    counts = range(1, len(os.sched_getaffinity(0)) + 1)
    workers = {n: Worker(f"ours/{n}") for n in counts}
    rows, titles = [], {}
    for name, job in jobs.items():
        values = {n: [] for n in counts}
        for r in range(ROUNDS):
            for n, worker in workers.items():
                progress.say(f"{name}, threads {n}: round {r + 1} of {ROUNDS}")
                values[n] += measure(worker, job, 1)
        medians = {n: statistics.median(v) for n, v in values.items()}
        serial, parallel = fit.fit([([1, 1 / n], m) for n, m in medians.items()])
        titles[name] = f"{name}: {100 * parallel / (serial + parallel):.0f} % in parallel"
        rows += [(name, n, m, medians[1] / m, medians[1] / (serial + parallel / n))
                 for n, m in medians.items()]
    for worker in workers.values():
        worker.end()
    write_csv("threads", ["network", "threads", "median_s", "speedup", "amdahl"], rows)
    draw_threads(rows, titles, len(counts), folder)
    progress.say("")
    for name, n, _, speedup, _ in rows:
        print(f"threads: {name}, {n}: {speedup:.2f} times one")


def draw_threads(rows, titles, max_threads, folder):
    blocks, plots = "", []
    for (name, title), color in zip(titles.items(), plotting.COLORS):
        blocks += plotting.block(name, [row[1:] for row in rows if row[0] == name])
        plots += [f"${name} using 1:4 with lines linecolor '{color}' title '{title}'",
                  f"${name} using 1:3 with points pointtype 7 linecolor '{color}' notitle"]
    plotting.draw(blocks + f"""
set xlabel 'threads'
set ylabel 'times as fast as one'
set xrange [0.8:{max_threads + 0.2}]
set yrange [0:*]
set xtics 1
set key left top
plot {", ".join(plots)}, x linecolor '#999999' dashtype 2 title 'ideal'
""", os.path.join(folder, "growth-threads.svg"), "Threads of a workspace, with Amdahl's law")


SIDES = {"m": "rows of the batch", "n": "units", "k": "inputs"}


def shape_job(side, size, fixed):
    m, n, k = (size if s == side else fixed for s in SIDES)
    return (m, n, k), make_job([k, n], m, max(m, 256), rows_dtype="f32", seconds=0.01,
                               **{"lambda": 0})


def padded(size):
    return -(-size // PADDED) * PADDED


def find_cliffs(worker, side, seconds, fixed, progress):
    """Returns [(side, size, ratio)] of the sizes that take more than CLIFF times as long as the
    padded size, also when both are measured again in turn. Lowers seconds to the new minima."""
    cliffs = []
    for size in seconds:
        pair = size, padded(size)
        for again in range(CONFIRMED):
            if seconds[size] <= CLIFF * seconds[pair[1]]:
                break
            progress.say(f"shapes: {side} = {size} once more, {again + 1}")
            for s in pair:
                _, job = shape_job(side, s, fixed)
                seconds[s] = min(seconds[s], *measure(worker, job, REPEATED))
        else:
            cliffs.append((side, size, seconds[size] / seconds[pair[1]]))
    return cliffs


def scan(worker, folder, progress, fixed=100, last=300):
    """Measures training steps of one layer: forward and weight gradient, [m][k] by [n][k]."""
    measurements, cliffs = [], []
    for side in SIDES:
        seconds = {}
        for size in range(1, padded(last) + 1):
            progress.say(f"shapes: {side} = {size}")
            _, job = shape_job(side, size, fixed)
            seconds[size] = min(measure(worker, job, REPEATED))
        cliffs += find_cliffs(worker, side, seconds, fixed, progress)
        for size, minimum in seconds.items():
            (m, n, k), _ = shape_job(side, size, fixed)
            measurements.append((side, size, minimum, 1e12 * minimum / (4 * m * n * k)))
    write_csv("shapes", ["side", "size", "min_s", "ps_per_flop"], measurements)
    draw_scan(measurements, fixed, folder)
    progress.say("")
    for side, size, ratio in cliffs:
        print(f"shapes: {side} = {size} takes {ratio:.2f} times as long as padded to {PADDED}")
    print(f"shapes: {len(cliffs)} of {3 * padded(last)} are cliffs (over {CLIFF} times)")


def draw_scan(measurements, fixed, folder):
    blocks = "".join(plotting.block(side, [row[1:] for row in measurements if row[0] == side])
                     for side in SIDES)
    plots = ", ".join(f"${side} using 1:3 with lines linewidth 0.7 linecolor '{color}' "
                      f"title '{side}: {SIDES[side]}'"
                      for side, color in zip(SIDES, plotting.COLORS))
    plotting.draw(blocks + f"""
set logscale y
set xlabel 'size of one side, the others {fixed}'
set ylabel 'ps for each FLOP of the products'
set key right top
plot {plots}
""", os.path.join(folder, "growth-shapes.svg"), "A training step of one layer, shape by shape")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="where the pictures go")
    parser.add_argument("--only", default="batch,width,depth,rows,threads,shapes",
                        metavar="NAME,...", help="default: %(default)s")
    options = parser.parse_args()
    only, progress = options.only.split(","), Progress()
    worker = Worker("ours")
    for curve in curves():
        if curve.name in only:
            grow(curve, worker, options.folder, progress)
    if "rows" in only:
        grow_rows(worker, options.folder, progress)
    if "threads" in only:
        grow_threads(options.folder, progress)
    if "shapes" in only:
        scan(worker, options.folder, progress)
    worker.end()


if __name__ == "__main__":
    main()
