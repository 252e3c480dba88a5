#!/usr/bin/env python3
"""torch_files.py DRIVER: exchanges networks between libmlpbn and PyTorch.

The safetensors package reads and writes the files of PyTorch. For each dtype, activation and
batchnorm preset, a network that one of the two has trained has the same outputs in the other;
and if both continue training from one file with the same batches, the networks stay equal."""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from torch_activations import ACTIVATIONS  # noqa: E402

driver = pathlib.Path(sys.argv[1]).resolve()
torch.manual_seed(71)
torch.set_num_threads(1)

INPUTS, HIDDEN, OUTPUTS, BATCH, STEPS = 7, 9, 5, 20, 50
ALPHA = 0.2385
SOFTMAX = ACTIVATIONS["SOFTMAX"].number
NAMES_OF_ACTIVATIONS = {a.number: name for name, a in ACTIVATIONS.items()}
# eps, momentum and whether the running variance is divided by n - 1
PRESETS = [(1e-5, 0.1, False), (1e-5, 0.1, True), (1e-3, 0.01, False), (1e-5, 0.1, False)]
NAMES = ["libmlpbn", "PyTorch", "Keras", "ONNX"]


class BiasedBatchNorm1d(nn.BatchNorm1d):
    """Its running variance averages variances divided by n, as in Keras and ONNX."""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        with torch.no_grad():
            for running, now in ((self.running_mean, x.mean(0)),
                                 (self.running_var, x.var(0, unbiased=False))):
                running.mul_(1 - self.momentum).add_(now, alpha=self.momentum)
            self.num_batches_tracked += 1
        return nn.functional.batch_norm(x, None, None, self.weight, self.bias, True, 0, self.eps)


class Function(nn.Module):
    """An activation as a module without parameters."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, z):
        return self.function(z, ALPHA)


def make_model(dtype, activation, preset):
    eps, momentum, unbiased = PRESETS[preset % 4]
    kind = nn.BatchNorm1d if unbiased else BiasedBatchNorm1d
    norm = kind(HIDDEN, eps=eps, momentum=momentum)
    name = NAMES_OF_ACTIVATIONS[activation]
    hidden = Function(ACTIVATIONS["TANH" if name == "SOFTMAX" else name].function)
    hidden = None if name == "IDENTITY" else hidden  # is no module in our files
    middle = [hidden, norm] if preset >= 4 else [norm, hidden]
    modules = [nn.BatchNorm1d(INPUTS, affine=False), nn.Linear(INPUTS, HIDDEN), *middle,
               nn.Linear(HIDDEN, OUTPUTS), nn.Softmax(dim=1) if activation == SOFTMAX else None]
    return nn.Sequential(*[m for m in modules if m is not None]).to(dtype)


def train(model, x, labels, steps):
    model.train()
    model[0].eval()  # standardization is not trained
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0385, momentum=0.873)
    batches = len(x) // BATCH
    logits = model[:-1] if isinstance(model[-1], nn.Softmax) else model
    for step in range(steps):
        rows = slice(step % batches * BATCH, (step % batches + 1) * BATCH)
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits(x[rows]), labels[rows]).backward()
        optimizer.step()
    model.eval()


def run(*arguments):
    subprocess.run([driver, *map(str, arguments)], check=True)


def compute(path, folder):
    run("predict", path, folder / "x", folder / "y")
    return np.fromfile(folder / "y").reshape(-1, OUTPUTS)


worst = {}


def check(what, got, expected, tolerance, min_norm=1e-30):
    got, expected = (np.asarray(a, dtype=np.float64) for a in (got, expected))
    error = np.linalg.norm(got - expected) / max(np.linalg.norm(expected), min_norm)
    worst[what] = max(worst.get(what, (0, 0)), (error, tolerance))
    assert error <= tolerance, f"{what}: {error:.3g} > {tolerance:g} for {case}"


def outputs(model, x):
    with torch.no_grad():
        return model.eval()(x).numpy()


def exchange(folder, dtype, activation, preset):
    name = "F64" if dtype == torch.float64 else "F32"
    x = torch.randn(5 * BATCH, INPUTS, dtype=torch.float64) * 1.61 + torch.arange(INPUTS)
    labels = torch.randint(OUTPUTS, (len(x),))
    x.numpy().tofile(folder / "x")
    labels.numpy().astype(np.int32).tofile(folder / "labels")
    x = x.to(dtype)

    # libmlpbn trains, PyTorch loads.
    native_file, torch_file = folder / "native.safetensors", folder / "torch.safetensors"
    run("make", name, activation, preset, native_file)
    model = make_model(dtype, activation, preset)
    model.load_state_dict(safetensors.torch.load_file(native_file))
    check(f"{name} from libmlpbn to PyTorch, outputs", outputs(model, x),
          compute(native_file, folder), 1e-5)

    # The package loads and saves the file, including the metadata.
    with safetensors.safe_open(native_file, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
        metadata = file.metadata()
    safetensors.torch.save_file(tensors, torch_file, metadata)
    assert (compute(torch_file, folder) == compute(native_file, folder)).all(), case

    # Both continue training from this file.
    run("train", native_file, folder / "trained", folder / "x", folder / "labels", STEPS)
    train(model, x, labels, STEPS)
    trained = safetensors.torch.load_file(folder / "trained")
    assert trained.keys() == model.state_dict().keys(), case
    for key, tensor in model.state_dict().items():
        # The gradient of a bias right before batchnorm is 0. In PyTorch it is rounding noise, and
        # so is this bias: its error is relative to 1.
        min_norm = 1 if key == "1.bias" and (preset < 4 or activation == 1) else 1e-30
        if key != "0.num_batches_tracked":
            check(f"{name} trained by both, tensors", trained[key], tensor,
                  1e-10 if name == "F64" else 1e-4, min_norm)

    # PyTorch trains, libmlpbn loads.
    model = make_model(dtype, activation, preset)
    model[0].running_mean.copy_(x.mean(0))
    model[0].running_var.copy_(x.var(0))
    train(model, x, labels, 30)
    safetensors.torch.save_file(model.state_dict(), torch_file)
    run("convert", activation, preset, torch_file, folder / "converted")
    check(f"{name} from PyTorch to libmlpbn, outputs", compute(folder / "converted", folder),
          outputs(model, x), 1e-5)
    converted = safetensors.torch.load_file(folder / "converted")
    for key, tensor in model.state_dict().items():
        assert key[:2] == "0." or (converted[key] == tensor).all(), (case, key)


cases = 0
with tempfile.TemporaryDirectory() as name:
    for dtype in (torch.float32, torch.float64):
        for activation in NAMES_OF_ACTIVATIONS:
            for preset in range(8):
                where = "after" if preset >= 4 else "before"
                case = f"{dtype}, activation {activation}, {NAMES[preset % 4]} {where} it"
                exchange(pathlib.Path(name), dtype, activation, preset)
                cases += 1
for what, (error, tolerance) in sorted(worst.items()):
    print(f"{what:45} {error:.1e}  (at most {tolerance:g})")
print(f"{cases} networks with safetensors {safetensors.__version__}, PyTorch {torch.__version__}")
