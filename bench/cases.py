"""The cases: their jobs, contestants, FLOPs and goals."""

import math
from dataclasses import dataclass, field

THREE = [3072, 50, 50, 10]
NINE = [3072, 50, 30, 20, 20, 10, 10, 10, 10, 10]
LARGE = [3072, 1024, 1024, 10]
TABULAR = [20, 64, 64, 3]
SMALL = [4, 8, 2]

PEERS = ["torch", "torch-debian", "numpy", "onednn", "dlib", "fann", "sgemm"]
TWO = ["ours/2", "ours-timed/2", "torch/2", "torch-debian/2", "onednn/2", "peak/2"]


@dataclass
class Case:
    name: str
    title: str
    job: dict
    entries: list
    unit: str = "us"  # of the table: us, GFLOP/s, GB/s or MB
    fresh: bool = False  # each round needs a new process
    goals: list = field(default_factory=list)
    quick: bool = False  # part of bench-quick

    def sizes(self):
        return [int(n) for n in self.job["sizes"].split(",")]

    def flops(self):
        """The FLOPs of the matrix products: forward, and in training of both gradients, except the
        input gradient of the first layer."""
        if self.job.get("kind", "train") not in ("train", "predict"):
            return 0
        sizes, batch = self.sizes(), self.job["batch"]
        products = [2 * batch * i * u for i, u in zip(sizes, sizes[1:])]
        if self.job.get("kind") == "predict":
            return sum(products)
        return 3 * sum(products) - products[0]

    def parameter_bytes(self):
        sizes = self.sizes()
        return 4 * sum((i + 1) * u for i, u in zip(sizes, sizes[1:]))


@dataclass
class Goal:
    """A bound of the ratio of times, the fastest of `slower` over `faster`: at least `min` and at
    most `max`. If `faster` is None, of the value of `slower`; if unit is "%", of the percentage
    of the peak `faster`."""

    text: str
    slower: list
    faster: str = None
    min: float = 0
    max: float = math.inf
    unit: str = "x"


def torch(times, ours="ours"):
    return Goal("faster than PyTorch", ["torch", "torch-debian"], ours, times)


def twice(times):
    return Goal("two threads against our one", ["ours"], "ours/2", times)


def sizes(layers):
    return ",".join(map(str, layers))


def reference(name, title, layers, batchnorm, goals):
    job = {"sizes": sizes(layers), "batchnorm": batchnorm, "batch": 100, "rows": 45000}
    entries = ["ours", "ours-timed", "ours-avx2", "ours-generic", *PEERS, "peak", "peak-avx2", *TWO]
    goals = [*goals, Goal("faster than bare sgemm", ["sgemm"], "ours", 1.4), twice(1.85)]
    if batchnorm:
        entries += ["ours-f64", "numpy-f64", "peak-f64", "ours-netlib"]
        goals += [
            Goal("of FMA peak", ["ours"], "peak", 83, unit="%"),
            Goal("f64 against f32", ["ours"], "ours-f64", 0.45),
            Goal("netlib against OpenBLAS", ["ours-netlib"], "ours", max=1.1),
            Goal("AVX2 of AVX2 peak", ["ours-avx2"], "peak-avx2", 80, unit="%"),
        ]
    return Case("ref-" + name, title + ", training step", job, entries, goals=goals,
                quick=True)


def predict(name, title, layers, batch, goals, rows=None):
    job = {"kind": "predict", "sizes": sizes(layers), "batchnorm": 1, "batch": batch,
           "rows_dtype": "f32", "rows": 8 * batch}
    entries = ["ours", *PEERS, "onnxruntime", "peak"]
    entries += ["ours/2", "torch/2", "torch-debian/2", "onnxruntime/2"] if batch > 1 else []
    case = Case(f"predict-{batch}-{name}", f"{title}, prediction, batch {batch}", job, entries,
                goals=goals)
    if batch == 1:
        job["bytes"] = case.parameter_bytes()
        case.entries.append("read")
        case.quick = True
    return case


def small(kind, title, max_us):
    job = {"kind": kind, "sizes": sizes(SMALL), "batch": 1, "rows_dtype": "f32", "rows": 1000}
    return Case(f"small-{kind}", f"4-8-2, {title}, batch 1", job, ["ours", *PEERS, "onnxruntime"],
                goals=[Goal("fixed cost", ["ours"], max=max_us, unit="us")])


def prediction_cases():
    at_limit = Goal("over the read-bandwidth limit", ["ours"], "read", max=1.2)
    three = {1: [at_limit, torch(7)], 100: [torch(1.4)], 1000: [torch(1.3)]}
    nine = {1: [torch(14)], 100: [torch(1.4)], 1000: [torch(1.3)]}
    return [predict(name, title, layers, batch, goals[batch])
            for name, title, layers, goals in (("3bn", "3-layer BN", THREE, three),
                                               ("9bn", "9-layer BN", NINE, nine))
            for batch in (1, 100, 1000)]


def whole_process_cases():
    job = {"sizes": sizes(THREE), "batchnorm": 1, "batch": 100, "rows": 5000}
    start = Case("start", "3-layer BN, create + first step + destroy",
                 {**job, "kind": "start", "rows": 100},
                 ["ours", "torch", "torch-debian", "numpy", "onednn", "dlib"])
    memory = Case("memory", "3-layer BN, memory beyond parameters and data, batch 100",
                  {**job, "kind": "memory"},
                  ["ours", "ours/2", "torch", "torch-debian", "numpy", "onednn", "dlib"],
                  unit="MB", fresh=True, goals=[Goal("memory", ["ours"], max=8, unit="MB")])
    return [start, memory]


def machine_cases():
    fma = Case("machine-fma", "multiply-adds in registers", {"kind": "fma"},
               ["peak", "peak/2", "peak-avx2", "peak-f64"], unit="GFLOP/s")
    kilobytes = (32, 512, 1024, 4096, 262144)
    reads = [Case(f"machine-read-{k}k", f"reading {k} KB again and again",
                  {"kind": "read", "bytes": 1024 * k}, ["read", "read/2"], unit="GB/s")
             for k in kilobytes]
    return [fma, *reads]


def all_cases():
    table = [torch(10)]
    large = [torch(1.35), twice(1.8)]
    return [
        *machine_cases(),
        reference("3", "3-layer", THREE, 0, [torch(2.6)]),
        reference("3bn", "3-layer BN", THREE, 1, [torch(2.7)]),
        reference("9", "9-layer", NINE, 0, [torch(3.2)]),
        reference("9bn", "9-layer BN", NINE, 1,
                  [torch(4.0), Goal("faster than numpy float32", ["numpy"], "ours", 3.7),
                   Goal("faster than oneDNN", ["onednn"], "ours", 2.9),
                   Goal("faster than dlib", ["dlib"], "ours", 4.4)]),
        Case("tabular", "20-64-64-3, training step, batch 32",
             {"sizes": sizes(TABULAR), "batch": 32, "rows_dtype": "f32", "rows": 500000},
             ["ours", "ours-timed", *PEERS, "peak", "ours/2"], goals=table, quick=True),
        Case("large", "3072-1024-1024-10, training step, batch 256",
             {"sizes": sizes(LARGE), "batch": 256, "rows": 45000, "seconds": 0.15},
             ["ours", "ours-timed", *PEERS, "peak", *TWO], goals=large),
        *prediction_cases(),
        small("predict", "prediction", 0.15),
        small("train", "training step", 1.0),
        Case("fading", "9-layer, gradients that fade to denormals, training step",
             {"sizes": sizes(NINE), "batch": 100, "rows": 45000, "rate": 1e-12},
             ["ours", "ours-fading", "torch-debian", "torch-debian-fading"],
             goals=[Goal("denormal over normal", ["ours-fading"], "ours", max=1.5)]),
        *whole_process_cases(),
    ]
