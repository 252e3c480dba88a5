#!/usr/bin/env python3
"""onnx_runtime.py FOLDER IMPORTER: checks the networks that export_cases wrote to FOLDER with
onnx.checker and runs them with ONNX Runtime; and imports models of other programs with IMPORTER.

Outputs may differ by 1e-5 of the largest. The reference evaluator of onnx runs the models for
which ONNX Runtime lacks an operator for double."""
import pathlib
import subprocess
import sys

import numpy
import onnx
import onnx.reference
import onnx.version_converter
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder, importer = pathlib.Path(sys.argv[1]), sys.argv[2]
TOLERANCE = 1e-5


def read_rows(path):
    words = path.read_text().split()
    n, inputs, outputs = map(int, words[:3])
    values = numpy.array([float.fromhex(word) for word in words[3:]])
    rows = values.reshape(n, inputs + outputs)
    return rows[:, :inputs], rows[:, inputs:]


def write_rows(path, x, y):
    lines = [f"{len(x)} {x.shape[1]} {y.shape[1]}"]
    lines += [" ".join(float(v).hex() for v in row) for row in numpy.hstack([x, y])]
    path.write_text("\n".join(lines) + "\n")


def run(model, x):
    """Returns the outputs, and the name of the program that computed them."""
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        return session.run(None, {"x": x})[0], "ONNX Runtime"
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        assert x.dtype == numpy.float64
        # Below opset 14 the evaluator (1.23.2) runs BatchNormalization in training mode.
        model = onnx.version_converter.convert_version(model, 14)
        return onnx.reference.ReferenceEvaluator(model).run(None, {"x": x})[0], "onnx"


def check_exported():
    counts, worst = {}, 0
    for path in sorted(folder.glob("net*.onnx")):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        dtype = helper.tensor_dtype_to_np_dtype(
            model.graph.input[0].type.tensor_type.elem_type
        )
        x, expected = read_rows(path.with_suffix(".txt"))
        for n in (len(x), 1):  # The number of rows is not fixed.
            got, runner = run(model, x[:n].astype(dtype))
            assert got.dtype == dtype and got.shape == expected[:n].shape, path
            difference = numpy.abs(got - expected[:n]).max() / numpy.abs(expected).max()
            assert difference <= TOLERANCE, f"{path}: off by {difference}"
            worst = max(worst, difference)
        key = (numpy.dtype(dtype).name, runner)
        counts[key] = counts.get(key, 0) + 1
    assert sum(counts.values()) > 0, "no networks"
    for (dtype, runner), count in sorted(counts.items()):
        print(f"exported, {dtype}: {count} networks by {runner}")
    print(f"largest difference {worst:.1e} of the largest output")


random = numpy.random.default_rng(2385)
DTYPES = {TensorProto.FLOAT: numpy.float32, TensorProto.DOUBLE: numpy.float64}


def random_values(*shape):
    return random.uniform(-1, 1, shape)


def tensor(name, values, kind, raw=True):
    values = numpy.asarray(values, DTYPES[kind])
    if raw:
        return numpy_helper.from_array(values, name)
    return helper.make_tensor(name, kind, values.shape, values.ravel())


def batchnorm(name, source, target, units, kind, **attributes):
    values = [1 + random_values(units) / 2, random_values(units)]
    values += [random_values(units), 1 + random_values(units) / 2]
    tensors = [tensor(f"{name}{i}", v, kind) for i, v in enumerate(values)]
    inputs = [source] + [t.name for t in tensors]
    return helper.make_node("BatchNormalization", inputs, [target], **attributes), tensors


def foreign(kind):
    """Yields models as other programs write them: name, nodes, constants, inputs, outputs."""
    make = helper.make_node
    yield "gemm", [
        make("Gemm", ["x", "w", "b"], ["h"], alpha=0.5, beta=2.0),
        make("Relu", ["h"], ["a"]),
        make("Gemm", ["a", "v", "c"], ["y"], transB=1),
    ], [
        tensor("w", random_values(5, 4), kind, raw=False),
        tensor("b", random_values(1, 4), kind, raw=False),
        tensor("v", random_values(3, 4), kind),
        tensor("c", random_values(1), kind),
    ], 5, 3
    one = helper.make_node("Constant", [], ["one"], value=tensor("", 1.0, kind))
    half = helper.make_node("Constant", [], ["half"], value=tensor("", 0.5, kind))
    root = helper.make_node("Constant", [], ["root"], value=tensor("", 2**0.5, kind))
    yield "gelu", [
        make("MatMul", ["x", "w"], ["m"]),
        make("Add", ["b", "m"], ["h"]),
        root,
        make("Div", ["h", "root"], ["d"]),
        make("Erf", ["d"], ["e"]),
        one,
        make("Add", ["e", "one"], ["f"]),
        make("Mul", ["h", "f"], ["g"]),
        half,
        make("Mul", ["g", "half"], ["y"]),
    ], [tensor("w", random_values(5, 4), kind), tensor("b", random_values(4), kind)], 5, 4
    node, tensors = batchnorm("n", "x", "s", 5, kind, epsilon=1e-3)
    after, more = batchnorm("p", "a", "y", 3, kind)
    yield "batchnorms", [
        node,
        make("MatMul", ["s", "w"], ["h"]),
        make("Sigmoid", ["h"], ["k"]),
        make("Mul", ["k", "h"], ["a"]),
        after,
    ], tensors + more + [tensor("w", random_values(5, 3), kind)], 5, 3
    yield "standardized", [
        make("Sub", ["x", "m"], ["c"]),
        make("Div", ["c", "d"], ["s"]),
        make("Identity", ["s"], ["i"]),
        make("Gemm", ["i", "w"], ["h"]),
        make("Softmax", ["h"], ["y"], axis=-1),
    ], [
        tensor("m", random_values(5), kind),
        tensor("d", 1 + random_values(1, 5) / 2, kind),
        tensor("w", random_values(5, 3), kind),
    ], 5, 3


def import_model(name, model, x):
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    write_rows(path.with_suffix(".txt"), x, run(model, x)[0])
    subprocess.run([importer, path, path.with_suffix(".txt")], check=True)


def check_foreign():
    count = 0
    for kind, dtype in DTYPES.items():
        for name, nodes, constants, inputs, outputs in foreign(kind):
            x = helper.make_tensor_value_info("x", kind, ["batch", inputs])
            y = helper.make_tensor_value_info("y", kind, ["batch", outputs])
            graph = helper.make_graph(nodes, name, [x], [y], constants)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
            model.ir_version = 8
            onnx.checker.check_model(model, full_check=True)
            import_model(name, model, random_values(11, inputs).astype(dtype))
            count += 1
    print(f"imported: {count} models made with onnx.helper")


def check_torch():
    try:
        import torch
    except ImportError:
        print("imported: none of PyTorch, which is not installed")
        return
    from torch import nn

    torch.manual_seed(1)
    activations = [nn.ReLU(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SELU(), nn.Sigmoid()]
    activations += [nn.Tanh(), nn.Softplus(), nn.SiLU(), nn.GELU()]
    activations += [nn.GELU(approximate="tanh"), nn.Softmax(dim=1)]
    for number, last in enumerate(activations):
        norm = nn.BatchNorm1d(6)
        norm.running_mean.uniform_(-1, 1)
        norm.running_var.uniform_(0.5, 1.5)
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        first = nn.ReLU() if isinstance(last, nn.Softmax) else last
        module = nn.Sequential(nn.Linear(5, 6), norm, first, nn.Linear(6, 3), last).eval()
        path = folder / f"torch{number}.onnx"
        torch.onnx.export(
            module,
            torch.zeros(2, 5),
            path,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "N"}, "y": {0: "N"}},
            opset_version=13,
        )
        x = torch.rand(11, 5) * 4 - 2
        with torch.no_grad():
            y = module(x)
        write_rows(path.with_suffix(".txt"), numpy.array(x.tolist()), numpy.array(y.tolist()))
        subprocess.run([importer, path, path.with_suffix(".txt")], check=True)
    print(f"imported: {len(activations)} models exported by PyTorch {torch.__version__}")


check_exported()
check_foreign()
check_torch()
