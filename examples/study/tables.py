"""Fills the template of the report with tables."""

import pathlib
import re

import published
import recipe
import results


def table(head, body):
    lines = ["| " + " | ".join(row) + " |" for row in [head, *body]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def gradients(folder):
    """Returns the tables of gradient_check."""
    text = (pathlib.Path(folder) / "gradients.txt").read_text()
    parts = []
    for study in re.findall(r"^(\d layers.*)\ntensor.*\n((?:.+\n)+)", text, re.M):
        body = []
        for line in study[1].splitlines():
            numbers = [line[i:i + 10].strip() for i in range(10, 60, 10)]
            body.append([*line[:10].split(), *numbers])
        parts.append(f"**{study[0]}**\n\n" + table(
            ["tensor", "layer", "published", "inputs rounded", "f32",
             "f64, long double", "f64"], body))
    return "\n\n".join(parts)


def case_of(folder, name, batchnorm):
    return next(runs for case, runs in results.runs(folder, name).items()
                if case[1] == batchnorm)


def accuracies(folder):
    body = []
    for (name, batchnorm), entry in published.ACCURACY.items():
        title, train, validation, test, expected = entry
        case = case_of(folder, name, batchnorm)
        ours = [results.format_mean_std(results.last(case, f"{split}_accuracy"))
                for split in ("train", "val", "test")]
        body.append([title, train or "", ours[0], validation or "", ours[1], test, ours[2],
                     expected])
    return table(["network", "training, published", "ours", "validation, published", "ours",
                  "test, published", "ours", "test, independent"], body)


def best(numbers):
    """Returns the indices of the three largest numbers."""
    return sorted(range(len(numbers)), key=lambda i: -numbers[i])[:3]


def emphasized(numbers):
    top = best(numbers)
    return [f"**{number:.3f}**" if i in top else f"{number:.3f}"
            for i, number in enumerate(numbers)]


def search_table(folder, text, columns):
    """columns: (heading, name of a file of results) of each search."""
    ours = [{point[0]: point for point in results.search(folder, name)}
            for _, name in columns]
    published_rows = [row for row in published.triples(text) if float(row[0]) in ours[0]]
    head = ["λ", "published: training", "validation"]
    lines = [[row[0], f"{float(row[1]):.3f}", mark] for row, mark in zip(
        published_rows, emphasized([float(row[2]) for row in published_rows]))]
    for (heading, _), points in zip(columns, ours):
        head += [f"{heading}: training", "validation"]
        found = [points[float(row[0])] for row in published_rows]
        for line, point, mark in zip(lines, found, emphasized([p[2] for p in found])):
            line += [f"{point[1]:.3f}", mark]
    return table(head, lines)


def chosen(folder, name):
    """Returns the three best values, sorted: 0.0122, 0.0127 and 0.0143."""
    points = results.search(folder, name)
    top = sorted(points[i][0] for i in best([point[2] for point in points]))
    return "{:.3g}, {:.3g} and {:.3g}".format(*top)


def inits(folder):
    cases = results.runs(folder, "init")
    body = []
    for (init, batchnorm, _), case in cases.items():
        ours = [results.format_mean_std(results.last(case, f"{split}_accuracy"))
                for split in ("train", "val", "test")]
        published_accuracies = published.INIT[init, batchnorm]
        body.append([init, "on" if batchnorm else "off",
                     *(text for pair in zip(published_accuracies, ours) for text in pair)])
    return table(["sigma", "batchnorm", "training, published", "ours",
                  "validation, published", "ours", "test, published", "ours"], body)


def eps(folder):
    cases = results.runs(folder, "eps")
    columns = list(dict.fromkeys(case[2] for case in cases))
    body = [[init, *(results.format_mean_std(results.last(cases[init, 1, e], "test_accuracy"))
                     for e in columns)]
            for init in dict.fromkeys(case[0] for case in cases)]
    return table(["sigma", *(f"eps {e.replace('e-0', 'e-')}" for e in columns)], body)


def luck(folder):
    """Returns the test accuracies of the 9-layer runs without batchnorm."""
    numbers = results.last(case_of(folder, "nine", 0), "test_accuracy")
    return ", ".join(f"{number:.1f}" for number in numbers)


def times(measures):
    body = [[what, f"{seconds:.0f}", f"{peak:.0f}"]
            for what, (seconds, peak) in measures.items()]
    return table(["what", "seconds", "peak memory, MB"], body)


def total(measures):
    seconds = sum(m[0] for m in measures.values())
    peak = max(m[1] for m in measures.values())
    return (f"{int(seconds) // 60}:{int(seconds) % 60:02d} minutes, peak memory"
            f" {peak:.0f} MB, of all processes together")


def recipes(folder):
    """Returns the section about the recipe; "" if `make study-recipe` has not finished."""
    rows = recipe.read(folder)
    if not rows or len(rows) < 1 + len(recipe.INGREDIENTS):
        return ""
    whole, *parts = rows
    first = 100 * float(parts[0]["val"])
    body = [[row["what"], f"{100 * float(row['train']):.2f}",
             f"{100 * float(row['val']):.2f}", f"{100 * float(row['val']) - first:+.2f}"]
            for row in parts]
    template = pathlib.Path(__file__).with_name("recipe.md.in").read_text()
    values = {"epochs": parts[0]["epochs"],
              "minutes": f"{float(whole['seconds']) / 60:.1f}",
              "train": f"{100 * float(whole['train']):.2f}",
              "val": f"{100 * float(whole['val']):.2f}",
              "test": f"{100 * float(whole['test']):.2f}",
              "ingredients": table(["recipe with", "training %", "validation %",
                                    "difference"], body)}
    return re.sub("@([a-z_]+)@", lambda match: values[match[1]], template)


def report(folder, measures, quick):
    template = pathlib.Path(__file__).with_name("reproduction.md.in").read_text()
    warning = ("**A quick run: one short cycle, fewer runs and values. Its numbers only show"
               " that the study runs.**\n\n" if quick else "")
    parts = {
        "quick": warning, "gradients": gradients(folder), "accuracies": accuracies(folder),
        "coarse": search_table(folder, published.COARSE, [
            ("weights carried on", "warm"), ("fresh weights", "coarse")]),
        "fine": search_table(folder, published.FINE, [("ours", "fine")]),
        "best_warm": chosen(folder, "warm"), "best_coarse": chosen(folder, "coarse"),
        "best_fine": chosen(folder, "fine"), "init": inits(folder), "eps": eps(folder),
        "luck": luck(folder), "times": times(measures), "total": total(measures),
        "recipe": recipes(folder),
    }
    return re.sub("@([a-z_]+)@", lambda match: parts[match[1]], template)
