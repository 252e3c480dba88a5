"""The programs that the study runs: groups in sequence, the programs of a group in parallel."""

import published


class Stage:
    """A program with its arguments. It resumes from its file of results."""

    def __init__(self, name, title, program, *arguments, plots=(), alone=True):
        self.name = name            # name of the file of results
        self.title = title          # in messages and in the report
        self.program = program
        self.arguments = list(arguments)
        self.plots = plots          # (option, name of the figure)
        self.alone = alone          # False: uses one processor only

    def command(self, folder, figures, processors):
        command = [self.program, *self.arguments]
        if self.program == "gradient_check":
            return command
        command += ["--results", f"{folder}/{self.name}.csv"]
        for option, figure in self.plots:
            command += [option, f"{figures}/{figure}.svg"]
        if self.alone:
            command += ["--jobs", str(processors)]
        else:
            command += ["--quiet"]
        return command


def values(triples, quick):
    return ",".join(triple[0] for triple in triples[::4 if quick else 1])


def groups(quick):
    """quick: one short cycle, fewer runs and values."""
    runs = ["--runs", "2" if quick else "5"]
    cycle = ["--epochs", "1", "--n-s", "225"] if quick else []
    short = cycle or ["--epochs", "10"]
    coarse = ["--values", values(published.triples(published.COARSE), quick), *short]
    fine = ["--values", values(published.triples(published.FINE), quick)]
    eps = "1e-3,1e-5,1e-8" if quick else "1e-3,1e-5,1e-6,1e-7,1e-8,1e-10"
    three = ["--hidden", published.THREE, "--init", "he", *runs, *cycle]
    return [
        [Stage("gradients", "gradient checks", "gradient_check")],
        [Stage("coarse", "coarse search with fresh weights", "study/cifar_search", *coarse),
         Stage("warm", "coarse search with warm start", "study/cifar_search", *coarse, "--warm-start",
               alone=False)],
        [Stage("fine", "fine search", "study/cifar_search", *fine,
               *(cycle or ["--epochs", "20"]))],
        [Stage("three", "3-layer networks", "study/cifar_init", *three, "--lambda", "0.005")],
        [Stage("three-best", "3-layer networks, λ = .0072", "study/cifar_init", *three,
               "--batchnorm")],
        [Stage("nine", "9-layer networks", "study/cifar_init", "--init", "he", "--lambda", "0.005",
               *runs, *cycle)],
        [Stage("init", "initializations", "study/cifar_init", "--bn-eps", "1e-10", *runs, *cycle,
               plots=[("--plot", "study-init")])],
        [Stage("eps", "eps of batchnorm", "study/cifar_init", "--batchnorm", "--bn-eps", eps,
               "--runs", "1", *short,
               plots=[("--plot-eps", "study-eps")])],
    ]
