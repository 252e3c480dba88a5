#!/usr/bin/env python3
"""Measures libmlpbn and its peers side by side; `make bench` runs it. README.md beside this
file says what is measured and how."""

import argparse
import os
import platform
import sys
import time

import cases
import chart
import plotting
import report
from contestants import CONTESTANTS, Missing, Worker

QUICK_PEERS = ["ours", "ours/2", "torch", "torch-debian", "numpy", "sgemm", "peak", "read"]
MAX_LOAD = 5  # percent of the CPUs that other programs may use
PAUSE = 0.005  # seconds, in which spinning threads fall asleep


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="the reference job, tabular, prediction of one row; few peers")
    parser.add_argument("--only", default="", metavar="CASE,...",
                        help="cases whose names begin so")
    parser.add_argument("--peers", default="", metavar="NAME,...",
                        help="contestants whose names begin so; peak and read always")
    parser.add_argument("--rounds", type=int, help="of all contestants (default 7; quick 5)")
    parser.add_argument("--seconds", type=float, help="of a measurement (default 0.1)")
    parser.add_argument("--cpu", action="store_true",
                        help="time that contestants compute instead of time that passes, for "
                             "a machine that others use, too; one thread only")
    parser.add_argument("--csv", metavar="FILE")
    parser.add_argument("--markdown", metavar="FILE", help="tables for docs/performance.md")
    parser.add_argument("--chart", metavar="FILE.svg", help="bars, drawn with gnuplot")
    parser.add_argument("--list", action="store_true", help="cases and contestants, and stop")
    options = parser.parse_args()
    for path in filter(None, (options.csv, options.markdown, options.chart)):
        if not os.path.isdir(os.path.dirname(path) or "."):
            parser.error(f"{path}: there is no such folder")
    if options.chart and not plotting.available():
        parser.error(f"{options.chart}: needs gnuplot, which is not installed")
    return options


def begins(name, words):
    return any(name.startswith(word) for word in words.split(","))


def takes_part(entry, options):
    """entry: a contestant, with its number of threads if it has one, as in ours/2."""
    name = entry.partition("/")[0]
    if options.peers:
        return report.is_hardware_limit(entry) or begins(entry, options.peers)
    return not options.quick or entry in QUICK_PEERS


def choose(options):
    chosen = [c for c in cases.all_cases()
              if (begins(c.name, options.only) if options.only else
                  c.quick if options.quick else True)]
    for case in chosen:
        case.entries = [e for e in case.entries if takes_part(e, options)]
        case.job.setdefault("seconds", 0.1)
        if options.quick:
            case.job["seconds"] = 0.06
        if options.seconds:
            case.job["seconds"] = options.seconds
        if options.cpu:
            case.job["clock"] = "cpu"
            case.entries = [e for e in case.entries if "/" not in e]
    chosen = [c for c in chosen if c.entries]
    if not chosen:
        raise SystemExit("bench: no case with anyone in it begins so; --list names them")
    return chosen


class Progress:
    """A line on a terminal, redrawn in place; nothing elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.shown = total, 0, sys.stderr.isatty()

    def say(self, text):
        if self.shown:
            print(f"\r\033[K{self.done + 1}/{self.total} {text}", end="", file=sys.stderr,
                  flush=True)

    def clear(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def busy():
    """Returns the share of all CPUs that other programs use while no worker computes."""
    def ticks():
        with open("/proc/stat") as stat:
            fields = [int(n) for n in stat.readline().split()[1:]]
        return sum(fields), fields[3] + fields[4]
    total, idle = ticks()
    time.sleep(0.3)
    later, idle_later = ticks()
    return 1 - (idle_later - idle) / max(later - total, 1)


class Bench:
    def __init__(self, rounds, progress):
        self.rounds, self.progress = rounds, progress
        self.workers, self.missing, self.loads = {}, {}, []

    def worker(self, entry):
        if entry not in self.workers:
            self.workers[entry] = Worker(entry)
        return self.workers[entry]

    def setup(self, case):
        """Sets up the workers of a case; returns {entry: Result} of those that can do it."""
        results = {}
        for entry in case.entries:
            self.progress.say(f"{case.name}: setup of {entry}")
            try:
                results[entry] = report.Result(case, entry, self.worker(entry).setup(case.job))
            except Missing as reason:
                self.skip(case, entry, reason)
        return results

    def run_once(self, results, entry):
        try:
            if results[entry].case.fresh:
                self.end(entry)
                self.worker(entry).setup(results[entry].case.job)
            results[entry].add(*self.workers[entry].run())
        except Missing as reason:
            self.skip(results.pop(entry).case, entry, reason)

    def skip(self, case, entry, reason):
        self.missing.setdefault((entry, str(reason)), []).append(case.name)
        self.end(entry)

    def measure(self, case):
        results = self.setup(case)
        self.loads.append(busy())
        order = list(results)
        for r in range(self.rounds):
            for entry in order:
                self.progress.say(f"{case.name}: round {r + 1} of {self.rounds}, {entry}")
                time.sleep(PAUSE)
                self.run_once(results, entry)
            order = [e for e in order[1:] + order[:1] if e in results]
        for entry in results:
            self.workers[entry].drop()
        self.progress.done += 1
        self.progress.clear()
        return results

    def end(self, entry):
        if entry in self.workers:
            self.workers.pop(entry).end()

    def end_all(self):
        for entry in list(self.workers):
            self.end(entry)


def machine():
    name = platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                name = line.split(":")[1].strip()
                break
    return f"{name}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}"


def print_list(chosen):
    for case in chosen:
        print(f"{case.name:18} {case.title}\n{'':18} {' '.join(case.entries)}")


def main():
    options = arguments()
    chosen = choose(options)
    if options.list:
        print_list(chosen)
        return
    if not options.quick:
        os.environ["BENCH_TORCH_COMPILE"] = "1"  # takes half a minute a network
    rounds = options.rounds or (5 if options.quick else 7)
    header = f"{machine()}; {time.strftime('%Y-%m-%d %H:%M')}, {rounds} rounds"
    header += ", CPU time" if options.cpu else ""
    print(header)
    bench = Bench(rounds, Progress(len(chosen)))
    results = []
    try:
        for case in chosen:
            results.append((case, bench.measure(case)))
            report.print_text(*results[-1], sys.stdout)
    except KeyboardInterrupt:
        print("\ninterrupted; what was measured until then:")
    finally:
        bench.end_all()
    report.print_goals(results, sys.stdout)
    report.print_versions(results, sys.stdout)
    for (entry, reason), names in bench.missing.items():
        print(f"  {entry}: skipped: {reason} ({', '.join(names)})")
    load = 100 * max(bench.loads, default=0)
    note = f"Others used up to {load:.0f} % of the CPUs between measurements."
    if load > MAX_LOAD:
        note += " Too much: measure again on a quiet machine."
    print("\n" + note)
    if options.csv:
        report.write_csv(results, options.csv)
    if options.markdown:
        report.write_markdown(results, f"{header}. {note}", options.markdown)
    if options.chart:
        chart.draw(results, options.chart)
    if any(entry.partition("/")[0] == "ours" for entry, _ in bench.missing):
        raise SystemExit("bench: libmlpbn itself could not take part")


if __name__ == "__main__":
    main()
