"""The main loop of a worker in Python: the protocol and the clock of worker.c. A contestant is a
class whose __init__(job, data) prepares, or raises Skip for a job that it cannot do, and whose
run(repeats) runs."""

import re
import sys
import time

import numpy as np

MEAN, STD = np.float32(127.5), np.float32(73.9)
MEMORY_STEPS = 50


class Skip(Exception):
    pass


class Job:
    """The words of "setup" as attributes; see job.h."""

    def __init__(self, words):
        self.kind, self.dtype, self.rows_dtype, self.clock = "train", "f32", "u8", "wall"
        self.batchnorm, self.batch, self.rows, self.threads = 0, 1, 1, 1
        self.sigma, self.rate, self.lam, self.seconds = 0.0, 0.01, 0.005, 0.1
        for word in words:
            key, value = word.split("=", 1)
            if key == "sizes":
                self.sizes = [int(n) for n in value.split(",")]
            elif key in ("kind", "dtype", "rows_dtype", "clock"):
                setattr(self, key, value)
            elif key in ("sigma", "rate", "lambda", "seconds"):
                setattr(self, "lam" if key == "lambda" else key, float(value))
            else:
                setattr(self, key, int(value))

    def weight_sigma(self, inputs):
        return self.sigma or (2 / inputs) ** 0.5


class Data:
    def __init__(self, job):
        random = np.random.default_rng(1)
        shape = job.rows, job.sizes[0]
        if job.rows_dtype == "u8":
            self.x = random.integers(0, 256, shape, dtype=np.uint8)
        else:
            self.x = random.standard_normal(shape, dtype=np.float32)
        self.labels = random.integers(0, job.sizes[-1], job.rows)


def standardized(x, dtype):
    if x.dtype != np.uint8:
        return x.astype(dtype, copy=False)
    x = x.astype(dtype)
    x -= dtype(MEAN)
    x /= dtype(STD)
    return x


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def seconds_of(run, repeats, clock="wall"):
    start = CLOCKS[clock]()
    run(repeats)
    return CLOCKS[clock]() - start


def fastest(forms, seconds=0.1):
    """Returns the name of the fastest of several ways to do the same, {name: run}."""
    times = {}
    for name, run in forms.items():
        run(2)
        once = max(seconds_of(run, 1), 1e-6)
        repeats = max(int(seconds / once), 1)
        times[name] = min(seconds_of(run, repeats) for _ in range(3)) / repeats
    return min(times, key=times.get)


def choose(forms, use, run):
    """Uses the fastest of {name: form}, and returns its name."""
    def runner(form):
        def run_form(repeats):
            use(form)
            run(repeats)
        return run_form

    name = fastest({name: runner(form) for name, form in forms.items()})
    use(forms[name])
    return name


def peak_memory():
    with open("/proc/self/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def mapped_blas():
    with open("/proc/self/maps") as maps:
        paths = {line.split(maxsplit=5)[-1].strip() for line in maps if "/" in line}
    return sorted(p for p in paths if re.match(r".*/lib[^/]*blas[^/]*$", p) and "cublas" not in p)


class Session:
    def __init__(self, contestant):
        self.contestant = contestant

    def run_repeats(self, repeats):
        if self.job.kind != "start":
            self.state.run(repeats)
            return
        for _ in range(repeats):
            self.contestant(self.job, self.data).run(1)

    def seconds(self, repeats):
        return seconds_of(self.run_repeats, repeats, self.job.clock)

    def calibrate(self):
        """Two runs in sequence must be long enough, as in worker.c."""
        repeats, min_seconds = 1, 0.3 * self.job.seconds
        while (seconds := min(self.seconds(repeats), self.seconds(repeats))) < min_seconds:
            repeats *= 2
        self.repeats = max(int(repeats * self.job.seconds / seconds), 1)

    def setup(self, words):
        self.job = Job(words)
        self.data = Data(self.job)
        if self.job.kind == "memory":
            return f"ready {self.contestant.__name__}"
        try:
            self.state = self.contestant(self.job, self.data)
        except Skip as reason:
            return f"skip {reason}"
        self.calibrate()
        return f"ready {self.state.about} {' '.join(mapped_blas())}"

    def run(self, _):
        if self.job.kind == "memory":
            return self.memory()
        return f"done {self.seconds(self.repeats):.9g} {self.repeats}"

    def memory(self):
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
        before = peak_memory()
        self.contestant(self.job, self.data).run(MEMORY_STEPS)
        return f"done {peak_memory() - before} 1"

    def drop(self, _):
        self.state = self.data = None
        return "dropped"


def serve(contestant):
    session = Session(contestant)
    answers = {"setup": session.setup, "run": session.run, "drop": session.drop}
    for line in sys.stdin:
        command, *words = line.split()
        print(answers[command](words), flush=True)
