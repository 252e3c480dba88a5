"""The contestants: how each worker is started, and the protocol with it (workers/worker.h)."""

import contextlib
import glob
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BENCH_BUILD", "obj/bench")  # where make puts the workers
VENV = os.environ.get("BENCH_VENV", "obj/bench-venv/bin/python")
SYSTEM_PYTHON = "/usr/bin/python3"


def folder(pattern):
    """Returns the first folder or file of this pattern, "" if there is none."""
    return next(iter(sorted(glob.glob(pattern))), "")


def program(name):
    return [os.path.join(BUILD, name)]


def script(python, name):
    return [python, os.path.join(HERE, "workers", name)]


@dataclass
class Contestant:
    command: list
    job: dict = field(default_factory=dict)  # words that override the case's
    libraries: str = ""  # LD_LIBRARY_PATH
    about: str = ""  # text that "ready" must contain, else the contestant is skipped
    environment: dict = field(default_factory=dict)
    imports: str = ""  # Python module that must be installed


def netlib():
    """Returns a folder where the reference BLAS has the file names of other BLAS libraries; "" if
    it is not installed."""
    reference = folder("/usr/lib/*/blas/libblas.so.3")
    if not reference:
        return ""
    names = os.path.join(BUILD, "netlib")
    os.makedirs(names, exist_ok=True)
    for name in ("libopenblas.so.0", "libblas.so.3", "libcblas.so.3"):
        if not os.path.lexists(os.path.join(names, name)):
            os.symlink(reference, os.path.join(names, name))
    return names


OPENMP = folder("/usr/lib/*/openblas-openmp")

CONTESTANTS = {
    "ours": Contestant(program("ours")),
    "ours-timed": Contestant(program("ours"), {"profile": 1}),
    "ours-f64": Contestant(program("ours"), {"dtype": "f64"}),
    "ours-netlib": Contestant(program("ours"), libraries=netlib(), about="/blas/libblas"),
    "ours-avx2": Contestant(program("ours"), environment={"MLPBN_CPU": "avx2"}),
    "ours-generic": Contestant(program("ours"), environment={"MLPBN_CPU": "generic"}),
    "ours-fading": Contestant(program("ours"), {"sigma": 1e-5, "rate": 1e-12}),
    "torch": Contestant(script(VENV, "torch_worker.py"), imports="torch"),
    "torch-debian": Contestant(script(SYSTEM_PYTHON, "torch_worker.py"), libraries=OPENMP,
                               imports="torch"),
    "torch-debian-fading": Contestant(script(SYSTEM_PYTHON, "torch_worker.py"),
                                      {"sigma": 1e-5, "rate": 1e-12}, OPENMP,
                                      imports="torch"),
    "numpy": Contestant(script(SYSTEM_PYTHON, "numpy_worker.py"), imports="numpy"),
    "numpy-f64": Contestant(script(SYSTEM_PYTHON, "numpy_worker.py"), {"dtype": "f64"},
                            imports="numpy"),
    "onnxruntime": Contestant(script(VENV, "onnx_worker.py"), imports="onnxruntime"),
    "onednn": Contestant(program("onednn")),
    "dlib": Contestant(program("dlib")),
    "fann": Contestant(program("fann")),
    "sgemm": Contestant(program("sgemm")),
    "peak": Contestant(program("peak"), {"kind": "fma"}),
    "peak-f64": Contestant(program("peak"), {"kind": "fma", "dtype": "f64"}),
    "peak-avx2": Contestant(program("peak"), {"kind": "fma", "isa": "avx2"}),
    "read": Contestant(program("peak"), {"kind": "read"}),
}


class Missing(Exception):
    """The reason why a contestant is skipped."""


class Worker:
    """A process of a contestant, with a number of threads."""

    def __init__(self, entry):
        self.entry = entry
        name, _, threads = entry.partition("/")
        self.contestant, self.threads = CONTESTANTS[name], int(threads or 1)
        self.check()
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        environment.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.abspath(BUILD) + "/inductor")
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment.update(self.contestant.environment)
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[variable] = str(self.threads)
        if self.contestant.libraries:
            environment["LD_LIBRARY_PATH"] = self.contestant.libraries
        quiet = None if os.environ.get("BENCH_VERBOSE") else subprocess.DEVNULL
        self.process = subprocess.Popen(self.contestant.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=quiet, text=True,
                                        env=environment)

    def check(self):
        command, module = self.contestant.command, self.contestant.imports
        if not shutil.which(command[0]):
            raise Missing(f"{command[0]} is not there")
        if module and subprocess.run([command[0], "-c", f"import {module}"],
                                     stderr=subprocess.DEVNULL).returncode != 0:
            raise Missing(f"{command[0]} has no {module}")

    def ask(self, words):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(words + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise Missing(f"ended with status {self.process.wait()}")
        return answer[0], answer[1:]

    def setup(self, job):
        """Sets up a job; returns the text of "ready"."""
        words = {**job, **self.contestant.job, "threads": self.threads}
        word, rest = self.ask("setup " + " ".join(f"{k}={v}" for k, v in words.items()))
        if word != "ready":
            raise Missing(" ".join(rest))
        about = " ".join(rest).replace(os.getcwd() + "/", "")
        if self.contestant.about not in about:
            raise Missing(f"not {self.contestant.about} but {about}")
        return about

    def run(self):
        """Returns the seconds (or bytes) per unit, and those of its phases by name, if measured."""
        word, rest = self.ask("run")
        if word != "done":
            raise Missing(" ".join(rest))
        runs = float(rest[1])
        phases = dict(word.split("=") for word in rest[2:])
        return float(rest[0]) / runs, {k: float(v) / runs for k, v in phases.items()}

    def drop(self):
        self.ask("drop")

    def end(self):
        with contextlib.suppress(BrokenPipeError):  # the process may have ended
            self.process.stdin.close()
        self.process.wait()
