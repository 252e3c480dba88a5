"""Tables of results: text, Markdown and CSV."""

import csv
import statistics

class Result:
    """The values of a contestant in a case, one for each round: seconds or bytes per unit."""

    def __init__(self, case, entry, about):
        self.case, self.entry, self.about, self.values = case, entry, about, []
        self.phases = []  # {name: seconds} for each round; empty if not measured

    def add(self, value, phases):
        self.values.append(value)
        if phases:
            self.phases.append(phases)

    def shown(self):
        """Returns the values in the unit of the table."""
        unit = self.case.unit
        if unit == "GFLOP/s":
            return [1e-9 / v for v in self.values]
        if unit == "GB/s":
            threads = int(self.entry.partition("/")[2] or 1)
            return [1e-9 * threads * self.case.job["bytes"] / v for v in self.values]
        if unit == "MB":
            return [1e-6 * (v - self.case.parameter_bytes()) for v in self.values]
        return [1e6 * v for v in self.values]


def paired(over, under):
    """Returns the median of the ratios of each round, in which the machine's drift cancels."""
    return statistics.median(a / b for a, b in zip(over.values, under.values))


def is_hardware_limit(entry):
    return entry.startswith(("peak", "read"))


def peak_of(results, entry):
    """Returns the result of `peak` for an entry's dtype, instruction set and threads."""
    name, _, threads = entry.partition("/")
    kind = "-f64" if name.endswith("-f64") else "-avx2" if name.endswith("-avx2") else ""
    return results.get(f"peak{kind}" + (f"/{threads}" if threads else ""))


def percent_of_peak(case, results, entry, peak=None):
    peak = peak or peak_of(results, entry)
    if not peak or is_hardware_limit(entry) or not case.flops():
        return None
    flops = case.flops()
    return 100 * statistics.median(flops * p / v for v, p in
                                   zip(results[entry].values, peak.values))


def number(value):
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2 if value >= 1 else 3
    return f"{value:.{digits}f}"


def rows(case, results):
    """Returns the rows of the table. peak is shown in GFLOP/s in a table of times."""
    table = []
    for entry, result in results.items():
        values = result.shown()
        unit = case.unit
        if entry.startswith("peak") and unit == "us":
            values, unit = [1e-9 / v for v in result.values], "GFLOP/s"
        comparable = unit == case.unit == "us" and "ours" in results
        table.append({
            "contestant": entry, "unit": unit, "median": statistics.median(values),
            "min": min(values), "max": max(values),
            "x ours": paired(result, results["ours"]) if comparable else None,
            "% peak": percent_of_peak(case, results, entry), "about": result.about,
        })
    return table


def phases(result):
    """Returns (name, median in us, percent of a unit) of each phase, and of the rest, "outside"."""
    if not result.phases:
        return []
    whole = statistics.median(result.values)
    table = [(name.replace("-", " "), statistics.median(p[name] for p in result.phases))
             for name in result.phases[0]]
    table.append(("outside", whole - sum(seconds for _, seconds in table)))
    return [(name, 1e6 * seconds, 100 * seconds / whole) for name, seconds in table]


def verdict(case, results, goal):
    """Returns (goal, measured, met or missed), or None if a contestant is missing."""
    slower = [results[e] for e in goal.slower if e in results]
    if not slower or (goal.faster and goal.faster not in results):
        return None
    if goal.faster and goal.unit == "%":
        value = percent_of_peak(case, results, slower[0].entry, results[goal.faster])
    elif goal.faster:
        value = min(paired(r, results[goal.faster]) for r in slower)
    else:
        value = statistics.median(slower[0].shown())
    bound = f">= {goal.min:g}" if goal.min else f"<= {goal.max:g}"
    met = goal.min <= value <= goal.max
    return f"{bound} {goal.unit}", f"{number(value)} {goal.unit}", "met" if met else "missed"


def print_text(case, results, out):
    table = rows(case, results)
    cells = [["contestant", case.unit, "range", "x ours", "% peak", ""]]
    for r in table:
        unit = "" if r["unit"] == case.unit else r["unit"]
        cells.append([r["contestant"], number(r["median"]),
                      f"{number(r['min'])}-{number(r['max'])}", number(r["x ours"]),
                      number(r["% peak"]), unit])
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    print(f"\n{case.name}: {case.title}", file=out)
    for row in cells:
        line = "  ".join(c.ljust(w) if i == 0 else c.rjust(w)
                         for i, (c, w) in enumerate(zip(row, widths)))
        print("  " + line.rstrip(), file=out)
    for entry, result in results.items():
        parts = [f"{name} {number(us)} us ({percent:.1f} %)" for name, us, percent in
                 phases(result)]
        if parts:
            print(f"  {entry}:", ", ".join(parts), file=out)
    for goal in case.goals:
        judged = verdict(case, results, goal)
        if judged:
            print(f"  goal: {goal.text} {judged[0]}: {judged[1]}, {judged[2]}", file=out)
    out.flush()


def verdicts(all_results):
    """Yields (case, goal, verdict) of every goal whose contestants were measured."""
    for case, results in all_results:
        for goal in case.goals:
            judged = verdict(case, results, goal)
            if judged:
                yield case, goal, judged


def print_goals(all_results, out):
    lines = [f"  {judged[2]:6}  {case.name:14} {goal.text} {judged[0]}: {judged[1]}"
             for case, goal, judged in verdicts(all_results)]
    if lines:
        print("\ngoals", *lines, sep="\n", file=out)


def abouts(all_results):
    """Yields each contestant's text of "ready", with the cases if it differs between cases."""
    texts = {}
    for case, results in all_results:
        for entry, result in results.items():
            if not is_hardware_limit(entry) and not case.fresh:
                texts.setdefault(entry, {}).setdefault(result.about, []).append(case.name)
    for entry, abouts_of_entry in sorted(texts.items()):
        for about, names in abouts_of_entry.items():
            differs = len(abouts_of_entry) > 1
            yield entry, about + (f" ({', '.join(names)})" if differs else "")


def print_versions(all_results, out):
    print("\nwho", file=out)
    for entry, about in abouts(all_results):
        print(f"  {entry}: {about}", file=out)


def write_csv(all_results, path):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["case", "contestant", "unit", "median", "min", "max", "x_ours",
                      "percent_of_peak", "rounds", "about"])
        for case, results in all_results:
            for r in rows(case, results):
                out.writerow([case.name, r["contestant"], r["unit"], f"{r['median']:.6g}",
                              f"{r['min']:.6g}", f"{r['max']:.6g}",
                              *(f"{r[k]:.4g}" if r[k] is not None else ""
                                for k in ("x ours", "% peak")),
                              len(results[r["contestant"]].values), r["about"]])


def write_phases(all_results, out):
    """Writes a table with a column for each profiled case; /2 after its name: two threads."""
    columns = [(case.name + result.entry.removeprefix("ours-timed"),
                {name: (us, percent) for name, us, percent in phases(result)})
               for case, results in all_results for result in results.values() if result.phases]
    if not columns:
        return
    print("\n**Parts of a step, us (% of the step)**\n", file=out)
    print("| |", " | ".join(column for column, _ in columns), "|", file=out)
    print("|---" * (len(columns) + 1) + "|", file=out)
    for name in dict.fromkeys(name for _, parts in columns for name in parts):
        cells = [f"{number(parts[name][0])} ({parts[name][1]:.1f})" if name in parts else ""
                 for _, parts in columns]
        print(f"| {name} |", " | ".join(cells), "|", file=out)


def write_markdown(all_results, header, path):
    with open(path, "w") as out:
        print(header, file=out)
        print("\n| case | goal | measured | |\n|---|---|---|---|", file=out)
        for case, goal, judged in verdicts(all_results):
            print(f"| {case.title} | {goal.text} {judged[0]} | {judged[1]} | {judged[2]} |",
                  file=out)
        for case, results in all_results:
            print(f"\n**{case.title}**\n", file=out)
            print(f"| | {case.unit} | range | x ours | % of peak |\n|---|---|---|---|---|",
                  file=out)
            for r in rows(case, results):
                unit = "" if r["unit"] == case.unit else " " + r["unit"]
                print(f"| {r['contestant']} | {number(r['median'])}{unit} | "
                      f"{number(r['min'])} to {number(r['max'])} | {number(r['x ours'])} | "
                      f"{number(r['% peak'])} |", file=out)
        write_phases(all_results, out)
        print("\nContestants:\n", file=out)
        for entry, about in abouts(all_results):
            print(f"- {entry}: {about}", file=out)
