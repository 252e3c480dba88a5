#!/usr/bin/env python3
"""Runs the whole study on CIFAR-10 and writes the report: `make study` calls it.

The folder of results keeps finished runs, so that a killed study resumes."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import figures
import measure
import stages
import tables


def fail(message):
    sys.exit(f"study: {message}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help="folder of the built examples")
    parser.add_argument("--results", required=True, help="folder for results")
    parser.add_argument("--docs", help="folder for report and figures (that of results)")
    parser.add_argument("--quick", action="store_true", help="shows that it works")
    return parser.parse_args()


def processors():
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def load(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")


def save(path, measures):
    """Replaces the file by a complete one."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(measures, indent=1) + "\n")
    os.replace(new, path)


def run_group(group, options, docs, measures):
    """Adds time and memory to the measures: the time of a resumed stage is added to that before."""
    count = processors()
    results = pathlib.Path(options.results)
    beside = sum(not stage.alone for stage in group)
    together = count > 1 or not beside
    for part in [group] if together else [[stage] for stage in group]:
        names = ", ".join(stage.title for stage in part)
        print(f"study: {names}", file=sys.stderr)
        commands = [[f"{options.programs}/{command[0]}", *command[1:]]
                    for command in (stage.command(results, docs, max(count - beside, 1))
                                    for stage in part)]
        seconds, peak, good = measure.run(commands,
                                          [results / f"{stage.name}.txt" for stage in part])
        old = measures.get(names, [0, 0])
        measures[names] = [old[0] + seconds, max(old[1], peak)]
        save(results / "measures.json", measures)
        if not good:
            fail(f"stopped in: {names}")


def main():
    options = arguments()
    if not os.environ.get("CIFAR10_DIR"):
        fail("set CIFAR10_DIR to the folder of the CIFAR-10 binary files;"
             " examples/fetch_cifar10 downloads them")
    results = pathlib.Path(options.results)
    docs = pathlib.Path(options.docs or options.results)
    for folder in (results, docs):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".writable").write_text("")
            (folder / ".writable").unlink()
        except OSError as error:
            fail(f"{folder}: {error.strerror}")
    measures = load(results / "measures.json")
    try:
        subprocess.run(["gnuplot", "--version"], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        fail("needs gnuplot")
    for group in stages.groups(options.quick):
        run_group(group, options, docs, measures)
    figures.draw(results, docs)
    report = docs / "reproduction.md"
    report.write_text(tables.report(results, measures, options.quick))
    print(f"{report}\n{tables.total(measures)}")


if __name__ == "__main__":
    main()
