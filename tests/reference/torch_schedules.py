#!/usr/bin/env python3
"""Computes learning-rate schedules with PyTorch, and writes the rates as C initializers for
tests/api/test_schedule.c; and the states of reductions on a plateau.

    torch_schedules.py FILE            write FILE (tests/reference/schedule_fixtures.inc)
    torch_schedules.py --check FILE    compute again and compare; exit status 1 if they differ
"""

import argparse
import re
import sys
import textwrap
import warnings

import torch
from torch.optim import lr_scheduler

STEPS = 40

# PyTorch's SequentialLR calls what PyTorch deprecates.
warnings.filterwarnings("ignore", "The epoch parameter")

# Relative. Other versions of PyTorch multiply in another order.
CHECK_TOLERANCE = 1e-13


def initializer(kind, options):
    fields = "".join(f", .{name} = {value}" for name, value in options.items())
    return f"{{.struct_size = sizeof({kind}){fields}}}"


def optimizer(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def rates_of(scheduler, steps=STEPS):
    """Returns the rates of the first steps."""
    rates = []
    for _ in range(steps):
        rates.append(float(scheduler.optimizer.param_groups[0]["lr"]))
        scheduler.optimizer.step()
        scheduler.step()
    return rates


# ---- Each schedule: the fields of the C struct, and the rates.

def constant(learning_rate):
    return {"learning_rate": learning_rate}, \
        lr_scheduler.LambdaLR(optimizer(learning_rate), lambda step: 1.0)


def step(learning_rate, step_size, gamma):
    return {"learning_rate": learning_rate, "step_size": step_size, "gamma": gamma}, \
        lr_scheduler.StepLR(optimizer(learning_rate), step_size, gamma)


def exponential(learning_rate, gamma):
    return {"learning_rate": learning_rate, "gamma": gamma}, \
        lr_scheduler.ExponentialLR(optimizer(learning_rate), gamma)


def cosine(learning_rate, cycle_steps, cycle_multiplier, min_rate):
    return {"learning_rate": learning_rate, "cycle_steps": cycle_steps,
            "cycle_multiplier": cycle_multiplier, "min_rate": min_rate}, \
        lr_scheduler.CosineAnnealingWarmRestarts(optimizer(learning_rate), cycle_steps,
                                                 cycle_multiplier, min_rate)


def one_cosine(learning_rate, cycle_steps, min_rate):
    return {"learning_rate": learning_rate, "cycle_steps": cycle_steps, "cycle_multiplier": 1,
            "cycles": 1, "min_rate": min_rate}, \
        lr_scheduler.CosineAnnealingLR(optimizer(learning_rate), cycle_steps, min_rate)


def one_cycle(max_rate, total_steps, pct_start=0.3, div_factor=25.0, final_div_factor=1e4,
              annealing="COSINE", three_phase=0):
    strategy = {"COSINE": "cos", "LINEAR": "linear"}[annealing]
    scheduler = lr_scheduler.OneCycleLR(
        optimizer(max_rate), max_rate, total_steps=total_steps, pct_start=pct_start,
        anneal_strategy=strategy, cycle_momentum=False, div_factor=div_factor,
        final_div_factor=final_div_factor, three_phase=bool(three_phase))
    return {"max_rate": max_rate, "total_steps": total_steps, "pct_start": pct_start,
            "div_factor": div_factor, "final_div_factor": final_div_factor,
            "annealing": f"MLPBN_ANNEAL_{annealing}", "three_phase": three_phase}, scheduler


def warmup(steps, start_factor, follows, *arguments):
    options, scheduler = follows(*arguments)
    shared = scheduler.optimizer
    for group in shared.param_groups:
        group["lr"] = group["initial_lr"]
    linear = lr_scheduler.LinearLR(shared, start_factor, total_iters=steps)
    both = lr_scheduler.SequentialLR(shared, [linear, scheduler], [steps])
    name = f"mlpbn_{follows.__name__}_schedule"
    return {"steps": steps, "schedule": name,
            "options": f"&(const {name}_options){initializer(name + '_options', options)}",
            "start_factor": start_factor}, both


CASES = [
    ("constant", "constant", constant(0.02385)),
    ("step", "step", step(0.02385, 7, 0.3713)),
    ("step, each step", "step", step(1.385, 1, 0.9173)),
    ("exponential", "exponential", exponential(0.02385, 0.8931)),
    ("cosine, warm restarts", "cosine", cosine(0.02385, 7, 2, 0.000385)),
    ("cosine, equal cycles", "cosine", cosine(0.2385, 11, 1, 0.00173)),
    ("cosine, long cycles", "cosine", cosine(0.02385, 2, 5, 0.00173)),
    ("one cosine", "cosine", one_cosine(0.02385, STEPS - 1, 0.00385)),
    ("one-cycle", "one_cycle", one_cycle(0.02385, 23)),
    ("one-cycle, 40 steps", "one_cycle", one_cycle(0.1713, STEPS, 0.4173, 7.31, 2.385)),
    ("one-cycle, linear", "one_cycle", one_cycle(0.02385, STEPS, 0.2713, 3.85, 1.73, "LINEAR")),
    ("one-cycle, three phases", "one_cycle",
     one_cycle(0.02385, STEPS, 0.3173, 13.85, 2.385, three_phase=1)),
    ("one-cycle, three phases, linear", "one_cycle",
     one_cycle(0.02385, STEPS, 0.3713, 3.85, 1.73, "LINEAR", 1)),
    ("warm-up, constant", "warmup", warmup(11, 0.0731, constant, 0.02385)),
    ("warm-up, step", "warmup", warmup(5, 1 / 3, step, 0.02385, 7, 0.3713)),
    ("warm-up, cosine", "warmup", warmup(7, 0.1385, cosine, 0.02385, 5, 2, 0.000731)),
]


# ---- Reductions on a plateau: the fields of the C struct, the metrics, and the states.

LOSSES = [2.385, 1.731, 1.385, 1.3849, 1.391, 1.412, 1.3847, 1.2173, 1.2172, 1.2171, 1.217, 1.2169,
          1.25, 1.31, 1.22, 1.2168, 0.9385, 0.9731, 0.9412, 0.9384, 0.9386, 0.94, 0.95, 0.93,
          0.9299, 0.9301, 0.9302, 0.931, float("inf"), 0.9385, 0.9298, 0.92981, 0.9, 0.91, 0.92,
          0.93, 0.91, 0.9001, 0.8999, 0.89991]
# Without what is infinite; PyTorch's relative thresholds are meant for positive metrics.
ACCURACIES = [1 / (1 + min(loss, 10)) for loss in LOSSES]


def plateau(metrics, mode="MIN", threshold_mode="RELATIVE", factor=0.3713, patience=2,
            threshold=1e-4, cooldown=0, min_factor=0.0):
    options = {"mode": f"MLPBN_PLATEAU_{mode}",
               "threshold_mode": f"MLPBN_THRESHOLD_{threshold_mode}", "factor": factor,
               "patience": patience, "threshold": threshold, "cooldown": cooldown,
               "min_factor": min_factor}
    base = optimizer(1.0)  # so that its rate is the factor
    scheduler = lr_scheduler.ReduceLROnPlateau(
        base, mode.lower(), factor, patience, threshold, threshold_mode[:3].lower(), cooldown,
        min_factor, eps=0)
    rows = []
    for metric in metrics:
        scheduler.step(metric)
        rows.append((metric, base.param_groups[0]["lr"], scheduler.best,
                     scheduler.num_bad_epochs, scheduler.cooldown_counter))
    return options, rows


PLATEAUS = [
    ("plateau", plateau(LOSSES)),
    ("plateau, cooldown", plateau(LOSSES, cooldown=3, threshold=0.00385)),
    ("plateau, no patience", plateau(LOSSES, patience=0, factor=0.9173, cooldown=1)),
    ("plateau, least factor", plateau(LOSSES, patience=1, min_factor=0.0385)),
    ("plateau, absolute", plateau(LOSSES, threshold_mode="ABSOLUTE", threshold=0.0385)),
    ("plateau, largest", plateau(ACCURACIES, "MAX", threshold=0.00173)),
    ("plateau, largest, absolute", plateau(ACCURACIES, "MAX", "ABSOLUTE", threshold=0.0173)),
]


# ---- C initializers.

def wrap(text):
    return textwrap.fill(text, 100, initial_indent=" ", subsequent_indent="  ",
                         break_long_words=False, break_on_hyphens=False)


def literal(number):
    return "HUGE_VAL" if number == float("inf") else repr(number)


def schedule_text(name, kind, case):
    options, scheduler = case
    count = options.get("total_steps", STEPS)
    kind = f"mlpbn_{kind}_schedule"
    rates = ", ".join(map(repr, rates_of(scheduler, count)))
    return (f'{{.name = "{name}",\n' + wrap(f".schedule = {kind},") + "\n" +
            wrap(f".options = &(const {kind}_options){initializer(kind + '_options', options)},") +
            "\n" + wrap(f".n = {count}, .rates = (const double[]){{{rates}}}}},") + "\n")


def plateau_text(name, case):
    options, rows = case
    states = ", ".join("{" + ", ".join(map(literal, row)) + "}" for row in rows)
    return (f'{{.name = "{name}",\n' +
            wrap(f".options = {initializer('mlpbn_plateau_options', options)},") + "\n" +
            wrap(f".n = {len(rows)}, .epochs = (const struct epoch[]){{{states}}}}},") + "\n")


def make_all():
    return ("/* Written by tests/reference/torch_schedules.py; see there. */\n"
            "static const struct schedule_fixture schedules[] = {\n" +
            "".join(schedule_text(*case) for case in CASES) +
            "};\n\nstatic const struct plateau_fixture plateaus[] = {\n" +
            "".join(plateau_text(*case) for case in PLATEAUS) + "};\n")


# ---- Comparison of a new computation with the file.

NUMBER = re.compile(r"\b\d+\.\d+(?:e-?\d+)?|\b\d+e-?\d+")


def check(path, new):
    """The text must be the same except for numbers, which may differ by rounding."""
    with open(path, encoding="ascii") as file:
        old = file.read()
    pairs = list(zip(*(map(float, NUMBER.findall(text)) for text in (old, new))))
    if NUMBER.sub("", old) != NUMBER.sub("", new):
        sys.exit(f"{path}: other cases than those in torch_schedules.py")
    worst = max(abs(a - b) / max(a, b) for a, b in pairs if a != b or a > 0)
    if worst > CHECK_TOLERANCE:
        sys.exit(f"{path}: differs from PyTorch {torch.__version__} by {worst:g}, relative")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("file")
    arguments = parser.parse_args()
    text = make_all()
    if arguments.check:
        check(arguments.file, text)
    else:
        with open(arguments.file, "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    main()
