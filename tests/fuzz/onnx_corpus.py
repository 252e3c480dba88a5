#!/usr/bin/env python3
"""onnx_corpus.py CORPUS: writes the corpus of fuzz_onnx, made with onnx.helper (make
interop-deps): small models that can be imported, and models that the importer must reject."""
import pathlib
import sys

from onnx import TensorProto, helper

corpus = pathlib.Path(sys.argv[1])
make = helper.make_node


def tensor(name, *shape, value=0.25, kind=TensorProto.FLOAT, raw=False):
    n = 1
    for size in shape:
        n *= size
    made = helper.make_tensor(name, kind, shape, [value + 0.125 * i for i in range(n)])
    if raw:
        import numpy
        from onnx import numpy_helper

        made = numpy_helper.from_array(numpy_helper.to_array(made).astype(numpy.float32), name)
    return made


def save(name, nodes, tensors, kind=TensorProto.FLOAT, inputs=("N", 2), opset=13):
    x = helper.make_tensor_value_info("x", kind, inputs)
    y = helper.make_tensor_value_info("y", kind, ("N", 3))
    graph = helper.make_graph(nodes, "g", [x], [y], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    (corpus / f"onnx_{name}").write_bytes(model.SerializeToString())


def norm(source, target, units, prefix, **attributes):
    names = [prefix + end for end in "gbmv"]
    node = make("BatchNormalization", [source, *names], [target], **attributes)
    return node, [tensor(name, units, value=0.5) for name in names]


w, b = tensor("w", 2, 3), tensor("b", 3)
gemm = make("Gemm", ["x", "w", "b"], ["y"])


def after(*nodes):
    return [make("Gemm", ["x", "w", "b"], ["h"]), *nodes]


save("gemm", [gemm], [w, b])
save("gemm_raw", [gemm], [tensor("w", 2, 3, raw=True), tensor("b", 3, raw=True)])
save("gemm_double", [gemm], [tensor("w", 2, 3, kind=11), tensor("b", 3, kind=11)], 11)
save("trans_b", [make("Gemm", ["x", "w"], ["y"], transB=1, alpha=0.5)], [tensor("w", 3, 2)])
save("matmul", [make("MatMul", ["x", "w"], ["h"]), make("Add", ["b", "h"], ["y"])], [w, b])
for op in ("Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softmax"):
    save(op.lower(), after(make(op, ["h"], ["y"])), [w, b])
save("silu", after(make("Sigmoid", ["h"], ["s"]), make("Mul", ["h", "s"], ["y"])), [w, b])
values = {"root": 2**0.5, "one": 1, "half": 0.5, "kappa": 0.044715, "beta": 0.7978845608}
constants = [
    make("Constant", [], [name], value=helper.make_tensor("", 1, (), [value]))
    for name, value in values.items()
]
gelu = [
    make("Div", ["h", "root"], ["d"]),
    make("Erf", ["d"], ["e"]),
    make("Add", ["e", "one"], ["f"]),
    make("Mul", ["h", "f"], ["g"]),
    make("Mul", ["g", "half"], ["y"]),
]
save("gelu", constants + after(*gelu), [w, b])
pairs = [("h", "h"), ("h", "v0"), ("kappa", "v1"), ("h", "v2"), ("beta", "v3"), ("v4",)]
pairs += [("v5", "one"), ("h", "v6"), ("half", "v7")]
ops = ["Mul", "Mul", "Mul", "Add", "Mul", "Tanh", "Add", "Mul", "Mul"]
steps = [make(op, pair, [f"v{i}"]) for i, (op, pair) in enumerate(zip(ops, pairs))]
steps[-1].output[0] = "y"
save("gelu_tanh", constants + after(*steps), [w, b])
first, tensors = norm("x", "s", 2, "f", epsilon=1e-3)
second, more = norm("a", "y", 3, "l")
chain = [first, make("Gemm", ["s", "w"], ["h"]), make("Relu", ["h"], ["a"]), second]
save("batchnorms", chain, tensors + more + [w])
scaling = [make("Sub", ["x", "m"], ["c"]), make("Div", ["c", "d"], ["s"])]
scaling.append(make("Gemm", ["s", "w"], ["y"]))
save("standardized", scaling, [tensor("m", 2), tensor("d", 1, 2), w])

# The importer rejects these.
save("opset_6", [gemm], [w, b], opset=6)
save("three_dimensions", [gemm], [w, b], inputs=("N", 2, 1))
save("other_inputs", [gemm], [w, b], inputs=("N", 7))
save("trans_a", [make("Gemm", ["x", "w", "b"], ["y"], transA=1)], [w, b])
save("no_matrix", [gemm], [b])
save("half_floats", [gemm], [w, b], TensorProto.FLOAT16)
save("conv", after(make("Conv", ["h", "w"], ["y"])), [w, b])
save("two_activations", after(make("Relu", ["h"], ["a"]), make("Tanh", ["a"], ["y"])), [w, b])
save("negative_alpha", after(make("Elu", ["h"], ["y"], alpha=-1.0)), [w, b])
save("softmax_axis_0", after(make("Softmax", ["h"], ["y"], axis=0)), [w, b])
save("another_domain", after(make("Relu", ["h"], ["y"], domain="com.other")), [w, b])
save("training", after(norm("h", "y", 3, "l", training_mode=1)[0]), [w, b] + more)
training = norm("h", "y", 3, "l")[0]
training.output.extend(["m", "v", "saved_m", "saved_v"])  # before opset 14
save("training_outputs", after(training), [w, b] + more)
save("not_the_output", after(make("Relu", ["h"], ["z"])), [w, b])
save("no_nodes", [], [])
wrong = tensor("w", 2, 3)
wrong.dims[0] = 2**62
save("huge", [gemm], [wrong, b])
wrong = tensor("w", 2, 3)
wrong.dims[0] = -2
save("negative", [gemm], [wrong, b])
wrong = tensor("w", 2, 3)
wrong.data_location = TensorProto.EXTERNAL
save("external", [gemm], [wrong, b])
save("infinity", [gemm], [tensor("w", 2, 3, value=float("inf")), b])
save("negative_variance", after(norm("h", "y", 3, "l")[0]), [w, b] + [
    tensor("lg", 3), tensor("lb", 3), tensor("lm", 3), tensor("lv", 3, value=-2.0)])
(corpus / "onnx_empty").write_bytes(b"")
whole = (corpus / "onnx_gemm").read_bytes()
(corpus / "onnx_cut").write_bytes(whole[:-9])
(corpus / "onnx_varint").write_bytes(b"\x08" + b"\xff" * 10 + b"\x02" + whole)
(corpus / "onnx_group").write_bytes(b"\x0b" + whole)
(corpus / "onnx_long_bytes").write_bytes(b"\x3a\xff\xff\xff\xff\x0f" + whole)
