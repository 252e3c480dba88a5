"""Draws pictures with gnuplot, all in the same style."""

import os
import shutil
import subprocess

COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666",
           "#f0e442"]

STYLE = """
set encoding utf8
set terminal svg size {width},{height} dynamic noenhanced font 'sans-serif,14' \
background 'white' linewidth 1.5
set border 3 linecolor '#606060'
set tics nomirror out scale 0.5 textcolor 'black'
set grid ytics linetype 1 linecolor '#e4e4e4' linewidth 0.5
set title '{title}'
"""


def available():
    return shutil.which("gnuplot") is not None


def block(name, rows):
    """Returns a data block of gnuplot: rows of cells, with strings quoted."""
    cells = (" ".join(f'"{c}"' if isinstance(c, str) else f"{c:.6g}" for c in row)
             for row in rows)
    return f"${name} << END\n" + "\n".join(cells) + "\nEND\n"


def draw(script, path, title, width=900, height=500):
    """Runs gnuplot and replaces the picture, unless gnuplot fails."""
    if not available():
        raise SystemExit(f"{path}: needs gnuplot, which is not installed")
    head = STYLE.format(width=width, height=height, title=title.replace("'", "''"))
    done = subprocess.run(["gnuplot", "-d"], input=head + script, text=True,
                          capture_output=True)
    if done.returncode != 0 or not done.stdout:
        raise SystemExit(f"{path}: gnuplot failed: {done.stderr.strip()}")
    with open(path + ".part", "w") as file:
        file.write(done.stdout)
    os.replace(path + ".part", path)
