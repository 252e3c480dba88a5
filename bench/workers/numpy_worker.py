#!/usr/bin/env python3
"""numpy: a hand-written training step in float32 or float64 with batchnorm, softmax cross-entropy,
lambda sum W^2 and SGD. Rows are bytes or standardized floats, whichever is faster."""

import numpy as np

import protocol


class Numpy:
    def __init__(self, job, data):
        self.job, self.labels = job, data.labels
        self.real = np.float32 if job.dtype == "f32" else np.float64
        random = np.random.default_rng(2)
        self.layers = [self.make_layer(random, i, u) for i, u in zip(job.sizes, job.sizes[1:])]
        self.order, self.next = np.arange(job.rows), 0
        self.x, form = data.x, "float rows"
        if job.kind == "predict":
            self.run = self.predict
        elif job.rows_dtype == "u8":
            form = self.choose_rows() if job.kind == "train" else "byte rows"
        self.about = f"numpy {np.__version__} {np.dtype(self.real)}, {form}"

    def choose_rows(self):
        forms = {"byte rows": self.x, "float rows": protocol.standardized(self.x, self.real)}
        return protocol.choose(forms, lambda rows: setattr(self, "x", rows), self.run)

    def make_layer(self, random, inputs, units):
        layer = {"W": random.standard_normal((units, inputs)) * self.job.weight_sigma(inputs)}
        layer.update({name: np.zeros(units) for name in ("b", "beta", "mean")})
        layer.update({name: np.ones(units) for name in ("gamma", "var")})
        return {name: value.astype(self.real) for name, value in layer.items()}

    def batch(self):
        if self.next == 0 and self.job.kind != "predict":
            np.random.shuffle(self.order)
        rows = self.order[self.next : self.next + self.job.batch]
        self.next = self.next + self.job.batch
        if self.next + self.job.batch > self.job.rows:
            self.next = 0
        return rows

    def run(self, repeats):
        for _ in range(repeats):
            rows = self.batch()
            self.step(protocol.standardized(self.x[rows], self.real), self.labels[rows])

    def predict(self, repeats):
        for _ in range(repeats):
            start = self.batch()[0]
            x = self.x[start : start + self.job.batch]
            for layer in self.layers[:-1]:
                x = x @ layer["W"].T
                if self.job.batchnorm:
                    x = (x - layer["mean"]) * (layer["gamma"] / np.sqrt(layer["var"] + 1e-5))
                    x += layer["beta"]
                else:
                    x += layer["b"]
                x = np.maximum(x, 0)
            x = x @ self.layers[-1]["W"].T + self.layers[-1]["b"]

    def forward(self, x):
        """Inputs of every layer, and what batchnorm's backward needs."""
        keep, real = self.real(0.9), self.real
        inputs, caches = [x], []
        for layer in self.layers[:-1]:
            z = inputs[-1] @ layer["W"].T
            if self.job.batchnorm:
                mean, var = z.mean(0), z.var(0)
                inverse = 1 / np.sqrt(var + real(1e-5))
                xhat = (z - mean) * inverse
                layer["mean"] = keep * layer["mean"] + (1 - keep) * mean
                layer["var"] = keep * layer["var"] + (1 - keep) * var
                caches.append((xhat, inverse))
                inputs.append(np.maximum(layer["gamma"] * xhat + layer["beta"], 0))
            else:
                inputs.append(np.maximum(z + layer["b"], 0))
        return inputs, caches

    def loss_gradient(self, x, labels):
        each = np.arange(len(x))
        p = x @ self.layers[-1]["W"].T + self.layers[-1]["b"]
        p = np.exp(p - p.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        self.loss = -np.log(p[each, labels]).mean()
        p[each, labels] -= 1
        p /= len(x)
        return p

    def batchnorm_backward(self, layer, cache, d):
        xhat, inverse = cache
        d_gamma, d_beta, n = (d * xhat).sum(0), d.sum(0), len(d)
        d = layer["gamma"] * inverse * (d - d_beta / n - xhat * (d_gamma / n))
        layer["gamma"] -= self.real(self.job.rate) * d_gamma
        layer["beta"] -= self.real(self.job.rate) * d_beta
        return d

    def step(self, x, labels):
        rate, decay = self.real(self.job.rate), self.real(2 * self.job.lam)
        inputs, caches = self.forward(x)
        d = self.loss_gradient(inputs[-1], labels)
        for l in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[l]
            if l < len(self.layers) - 1:
                d = d * (inputs[l + 1] > 0)
                if self.job.batchnorm:
                    d = self.batchnorm_backward(layer, caches[l], d)
            d_input = d @ layer["W"] if l > 0 else None
            layer["W"] -= rate * (d.T @ inputs[l] + decay * layer["W"])
            layer["b"] -= rate * d.sum(0)
            d = d_input


if __name__ == "__main__":
    protocol.serve(Numpy)
