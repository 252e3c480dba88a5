"""The bar chart: how many times as long as ours each peer takes, case by case."""

import math

import plotting
import report


def bars(all_results):
    """Returns (names of contestants, [(case, {contestant: time over ours})]), for one thread and
    the same work."""
    names, groups = [], []
    for case, results in all_results:
        if case.unit != "us" or "ours" not in results:
            continue
        times = {e: report.paired(r, results["ours"]) for e, r in results.items()
                 if not report.is_hardware_limit(e) and not e.startswith("ours")
                 and not e.endswith(("/2", "-f64", "-fading"))}
        if times:
            groups.append((case.name, times))
            names += [e for e in times if e not in names]
    return names, groups


def draw(all_results, path):
    names, groups = bars(all_results)
    if not groups:
        raise SystemExit(f"{path}: nothing was measured beside ours")
    # Logarithms, so that bars go up where ours is faster and down where it is slower.
    data = [[case, *(math.log2(times[name]) if name in times else math.nan for name in names)]
            for case, times in groups]
    tics = ", ".join(f"'{2.0 ** n:g}' {n}" for n in range(-4, 12))
    plots = ", ".join(
        f"$bars using {i + 2}:xtic(1) title '{name}' "
        f"linecolor '{plotting.COLORS[i % len(plotting.COLORS)]}'"
        for i, name in enumerate(names))
    plotting.draw(plotting.block("bars", data) + f"""
set style data histograms
set style histogram clustered gap 1
set style fill solid noborder
set boxwidth 0.9
set ytics ({tics})
set xzeroaxis linetype 1 linecolor '#606060'
set ylabel 'times as long as libmlpbn'
set xtics rotate by -30 scale 0
set key outside right top
plot {plots}
""", path, "One thread: time of peers over ours (above 1: ours is faster)",
                  width=250 + 100 * len(groups))
