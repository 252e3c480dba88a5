#!/usr/bin/env python3
"""Seconds per epoch of the reference job in numpy float32, for comparison with
`examples/cifar_train --epochs 1`: 45,000 x 3072 rows, batches of 100, shuffled, softmax
cross-entropy + lambda sum W^2, SGD. Rows lie standardised in memory as float32, which spares
numpy the conversion that libmlpbn does on every gather. One thread:

    OPENBLAS_NUM_THREADS=1 bench/numpy_epoch.py [--batchnorm] [--hidden 50,50] [--epochs 3]
"""

import argparse
import statistics
import time

import numpy as np


def step(x, labels, layers, lam, rate, batchnorm, eps=1e-5):
    n = len(x)
    inputs, caches = [], []
    for l, layer in enumerate(layers):
        inputs.append(x)
        z = x @ layer["W"].T
        if l == len(layers) - 1:
            x = z + layer["b"]
        elif batchnorm:
            mean, var = z.mean(0), z.var(0)
            inverse = 1 / np.sqrt(var + np.float32(eps))
            xhat = (z - mean) * inverse
            layer["mean"] = np.float32(0.9) * layer["mean"] + np.float32(0.1) * mean
            layer["var"] = np.float32(0.9) * layer["var"] + np.float32(0.1) * var
            x = np.maximum(layer["gamma"] * xhat + layer["beta"], 0)
            caches.append((xhat, inverse))
        else:
            x = np.maximum(z + layer["b"], 0)
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(n), labels]).mean()
    d = p
    d[np.arange(n), labels] -= 1
    d /= n
    for l in range(len(layers) - 1, -1, -1):
        layer = layers[l]
        if l < len(layers) - 1:
            d = d * (inputs[l + 1] > 0)
            if batchnorm:
                xhat, inverse = caches[l]
                d_gamma, d_beta = (d * xhat).sum(0), d.sum(0)
                d = layer["gamma"] * inverse * (d - d_beta / n - xhat * (d_gamma / n))
                layer["gamma"] -= rate * d_gamma
                layer["beta"] -= rate * d_beta
        d_input = d @ layer["W"] if l > 0 else None
        layer["W"] -= rate * (d.T @ inputs[l] + 2 * lam * layer["W"])
        layer["b"] -= rate * d.sum(0)
        d = d_input
    return loss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", default="50,50")
    parser.add_argument("--batchnorm", action="store_true")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    random = np.random.default_rng(1)
    data = random.standard_normal((45000, 3072), dtype=np.float32)
    labels = random.integers(0, 10, len(data))
    sizes = [3072, *map(int, options.hidden.split(",")), 10]
    layers = [
        {
            "W": (random.standard_normal((u, i)) * np.sqrt(2 / i)).astype(np.float32),
            **{name: np.zeros(u, np.float32) for name in ("b", "beta", "mean")},
            **{name: np.ones(u, np.float32) for name in ("gamma", "var")},
        }
        for i, u in zip(sizes, sizes[1:])
    ]
    seconds = []
    for _ in range(options.epochs):
        begin = time.perf_counter()
        order = random.permutation(len(data))
        for i in range(0, len(data), 100):
            rows = order[i : i + 100]
            step(data[rows], labels[rows], layers, np.float32(0.005), np.float32(0.01),
                 options.batchnorm)
        seconds.append(time.perf_counter() - begin)
    print(f"numpy {np.__version__}: {statistics.median(seconds):.3f} s/epoch "
          f"({45000 / statistics.median(seconds):.0f} images/s)")


if __name__ == "__main__":
    main()
