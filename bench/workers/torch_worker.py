#!/usr/bin/env python3
"""PyTorch: eager training; prediction eager, frozen or compiled, whichever is fastest. "ready"
names the form after the version."""

import os
import sys

import torch

import protocol

COMPILES = os.environ.get("BENCH_TORCH_COMPILE") == "1" and hasattr(torch, "compile")


class Torch:
    def __init__(self, job, data):
        if job.dtype != "f32":
            raise protocol.Skip("measured in float32 only")
        torch.set_num_threads(job.threads)
        self.job = job
        self.net = self.make_network()
        self.labels = torch.from_numpy(data.labels)
        self.x = torch.from_numpy(data.x)
        self.order, self.next = torch.arange(job.rows), 0
        form = self.prepare_predict() if job.kind == "predict" else self.prepare_train()
        self.about = f"PyTorch {torch.__version__}, {form}"

    def make_network(self):
        job, layers = self.job, []
        for l, (inputs, units) in enumerate(zip(job.sizes, job.sizes[1:])):
            last = l == len(job.sizes) - 2
            batchnorm = job.batchnorm and not last
            dense = torch.nn.Linear(inputs, units, bias=not batchnorm)
            torch.nn.init.normal_(dense.weight, std=job.weight_sigma(inputs))
            layers.append(dense)
            if batchnorm:
                layers.append(torch.nn.BatchNorm1d(units))
            if not last:
                layers.append(torch.nn.ReLU(inplace=True))
        return torch.nn.Sequential(*layers)

    def prepare_train(self):
        weights = [p for p in self.net.parameters() if p.dim() == 2]
        others = [p for p in self.net.parameters() if p.dim() == 1]
        self.optimizer = torch.optim.SGD(
            [{"params": weights, "weight_decay": 2 * self.job.lam}, {"params": others}],
            lr=self.job.rate)
        if self.x.dtype != torch.uint8:
            self.gather = lambda rows: self.x[rows]
            return "eager"
        if self.job.kind in ("memory", "start"):
            self.gather = self.gather_bytes
            return "eager, byte rows"
        floats = torch.from_numpy(protocol.standardized(self.x.numpy(), protocol.np.float32))
        gathers = {"float rows": lambda rows: floats[rows], "byte rows": self.gather_bytes}
        return "eager, " + protocol.choose(
            gathers, lambda gather: setattr(self, "gather", gather), self.run)

    def gather_bytes(self, rows):
        return self.x[rows].float().sub_(float(protocol.MEAN)).div_(float(protocol.STD))

    def batch(self):
        if self.next == 0:
            self.order = torch.randperm(self.job.rows)
        rows = self.order[self.next : self.next + self.job.batch]
        self.next += self.job.batch
        if self.next + self.job.batch > self.job.rows:
            self.next = 0
        return rows

    def run(self, repeats):
        for _ in range(repeats):
            rows = self.batch()
            self.optimizer.zero_grad(set_to_none=True)
            y = self.net(self.gather(rows))
            torch.nn.functional.cross_entropy(y, self.labels[rows]).backward()
            self.optimizer.step()

    def prepare_predict(self):
        self.net.eval()
        self.batches = self.x.split(self.job.batch)
        example = self.batches[0]
        with torch.inference_mode():
            frozen = torch.jit.freeze(torch.jit.trace(self.net, example))
            forms = {"eager": self.net, "frozen": frozen}
            try:
                forms["frozen, optimized"] = torch.jit.optimize_for_inference(
                    torch.jit.trace(self.net, example))
            except (AttributeError, RuntimeError) as error:
                print("optimize_for_inference:", error, file=sys.stderr)
            if COMPILES:
                compiled = torch.compile(self.net)
                try:
                    compiled(example)
                    forms["compiled"] = compiled
                except Exception as error:  # of any type, depending on the missing backend
                    print("torch.compile:", error, file=sys.stderr)
        form = protocol.fastest({name: self.runner(net) for name, net in forms.items()})
        self.run = self.runner(forms[form])
        return form

    def runner(self, net):
        def run(repeats):
            with torch.inference_mode():
                for i in range(repeats):
                    net(self.batches[i % len(self.batches)])
        return run


if __name__ == "__main__":
    protocol.serve(Torch)
