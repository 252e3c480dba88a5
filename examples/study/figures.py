"""Draws the figures that combine several sets of runs, with gnuplot."""

import subprocess

import published
import results

TRAINING, VALIDATION = "#0072b2", "#d55e00"
STYLE = """set encoding utf8
set border 3 linecolor '#606060'
set tics nomirror out scale 0.5 textcolor 'black'
set grid ytics linetype 1 linecolor '#e4e4e4' linewidth 0.5
"""
SPLITS = (f"set label 'training' at screen 0.8,0.97 textcolor '{TRAINING}'\n"
          f"set label 'validation' at screen 0.89,0.97 textcolor '{VALIDATION}'\n")


def draw_script(path, width, height, script):
    terminal = (f"set terminal svg size {width},{height} dynamic enhanced"
                " font 'sans-serif,14' background 'white' linewidth 1.5\n"
                f"set output '{path}'\n")
    subprocess.run(["gnuplot", "-d"], input=terminal + STYLE + script, text=True, check=True)


def block(name, lines):
    """Returns lines of numbers as a named data block of gnuplot."""
    return f"${name} << END\n" + "\n".join(
        " ".join(f"{number:.5g}" for number in line) for line in lines) + "\nEND\n"


# Panels of the curves: title, column of the file of results, factor, range of the y axis.
PANELS = [("cost: loss + λ Σ W²", "cost", 1, "[0:*]"),
          ("loss: cross-entropy in nats", "loss", 1, "[0:*]"),
          ("accuracy in %", "accuracy", 100, "[0:80]")]


def curves(folder, name, units, path):
    """Draws two rows of panels, without and with batchnorm: cost, loss, accuracy."""
    cases = {case[1]: runs for case, runs in results.runs(folder, name).items()}
    script, plots = "", f"set multiplot layout 2,3\nset xlabel 'epoch'\nunset key\n{SPLITS}"
    for batchnorm in (0, 1):
        case = cases[batchnorm]
        epochs = len(case[1])
        plots += (f"set label 9 '{units}, {'' if batchnorm else 'no '}batchnorm' at screen"
                  f" 0.01,{0.48 if batchnorm else 0.98}\nset tmargin 4\n")
        for title, column, factor, span in PANELS:
            parts = []
            for split, color in (("train", TRAINING), ("val", VALIDATION)):
                data = f"{column}_{split}_{batchnorm}"
                script += block(data, [
                    (epoch, *(factor * number for number in
                              results.spread(case, f"{split}_{column}", epoch)))
                    for epoch in range(epochs)])
                parts += [f"${data} using 1:3:4 with filledcurves fillstyle solid 0.25"
                          f" noborder linecolor '{color}' notitle",
                          f"${data} using 1:2 with lines linecolor '{color}'"]
            plots += (f"set title '{title}'\nset yrange {span}\n"
                      f"plot {', '.join(parts)}\nunset label\n")
    draw_script(path, 1200, 760, script + plots + "unset multiplot\n")


def published_block(name, text):
    return block(name, [(float(l), 100 * float(t), 100 * float(v))
                        for l, t, v in published.triples(text)])


def searches(folder, path):
    """Draws three panels: coarse with warm start, coarse from initial weights, fine."""
    script = published_block("coarse", published.COARSE) + published_block(
        "fine", published.FINE)
    for name in ("warm", "coarse", "fine"):
        script += block(f"our_{name}", [(l, 100 * t, 100 * v) for l, t, v, _
                                        in results.search(folder, name)])
    panels = ""
    for name, published_name, title in (
            ("warm", "coarse", "coarse, weights carried on"),
            ("coarse", "coarse", "coarse, fresh weights"), ("fine", "fine", "fine")):
        if name == "fine":
            panels += ("set xrange [2.5e-3:4e-2]\n"
                       "set xtics ('0.003' 0.003, '0.01' 0.01, '0.03' 0.03)\n")
        panels += f"set title '{title}'\nplot " + ", ".join(
            f"${published_name} using 1:{column} with points pointtype 6 pointsize 0.8 linecolor"
            f" '{color}', $our_{name} using 1:{column} with linespoints pointtype 7"
            f" pointsize 0.4 linecolor '{color}'"
            for column, color in ((2, TRAINING), (3, VALIDATION))
        ) + "\nunset ylabel\nunset label\n"
    draw_script(path, 1200, 440, script + "set multiplot layout 1,3\n"
                "set logscale x\nset format x '10^{%T}'\nset yrange [45:80]\n"
                "set xrange [1e-5:1e-1]\nset tmargin 5\nset ylabel 'accuracy in %'\n"
                "set xlabel 'λ, weight of the L2 penalty'\n"
                "unset key\nset label 'circles: published; lines: ours' at screen 0.02,0.97\n"
                f"{SPLITS}{panels}unset multiplot\n")


def draw(folder, docs):
    curves(folder, "three", "3072-50-50-10", f"{docs}/study-3-layer.svg")
    curves(folder, "nine", "3072-50-30-20-20-10-10-10-10-10", f"{docs}/study-9-layer.svg")
    searches(folder, f"{docs}/study-lambda.svg")
