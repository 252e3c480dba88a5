#!/usr/bin/env python3
"""ONNX Runtime, prediction only. The model is made here, without batchnorm, as if it had
been folded into the weights. A batch is run through an IO binding or as an argument of run(),
whichever is faster."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import protocol


def make_model(job):
    random = np.random.default_rng(2)
    nodes, weights, x = [], [], "x"
    for l, (inputs, units) in enumerate(zip(job.sizes, job.sizes[1:])):
        w = random.standard_normal((units, inputs)) * job.weight_sigma(inputs)
        weights.append(numpy_helper.from_array(w.astype(np.float32), f"w{l}"))
        weights.append(numpy_helper.from_array(np.zeros(units, np.float32), f"b{l}"))
        nodes.append(helper.make_node("Gemm", [x, f"w{l}", f"b{l}"], [f"z{l}"], transB=1))
        x = f"z{l}"
        if l < len(job.sizes) - 2:
            nodes.append(helper.make_node("Relu", [x], [f"y{l}"]))
            x = f"y{l}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "mlp",
                              [value("x", TensorProto.FLOAT, [job.batch, job.sizes[0]])],
                              [value(x, TensorProto.FLOAT, [job.batch, job.sizes[-1]])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


class OnnxRuntime:
    def __init__(self, job, data):
        if job.kind != "predict" or job.dtype != "f32":
            raise protocol.Skip("predicts only, in float32")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = job.threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(make_model(job), options,
                                                    providers=["CPUExecutionProvider"])
        self.batches = data.x.reshape(-1, job.batch, job.sizes[0])
        self.bindings = [self.bind(x) for x in self.batches]
        forms = {"bound": self.run_bound, "passed": self.run_passed}
        form = protocol.fastest(forms)
        self.run = forms[form]
        self.about = f"ONNX Runtime {onnxruntime.__version__}, {form}"

    def bind(self, x):
        binding = self.session.io_binding()
        binding.bind_cpu_input("x", x)
        y = np.empty((len(x), self.session.get_outputs()[0].shape[1]), np.float32)
        binding.bind_output(self.session.get_outputs()[0].name, "cpu", 0, np.float32, y.shape,
                            y.ctypes.data)
        # Bound by its address, so it must stay alive.
        self.bound_outputs = getattr(self, "bound_outputs", []) + [y]
        return binding

    def run_bound(self, repeats):
        for i in range(repeats):
            self.session.run_with_iobinding(self.bindings[i % len(self.bindings)])

    def run_passed(self, repeats):
        for i in range(repeats):
            self.session.run(None, {"x": self.batches[i % len(self.batches)]})


if __name__ == "__main__":
    protocol.serve(OnnxRuntime)
