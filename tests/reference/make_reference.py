#!/usr/bin/env python3
"""Computes and trains small networks with PyTorch, in double, and writes the results as C
initializers for tests/api/test_reference.c. Every run gives the same values: the name of the case
seeds the random numbers, which are multiples of 1/1024, so that float represents them exactly.

    make_reference.py FILE            write FILE (tests/reference/torch_fixtures.inc)
    make_reference.py --check FILE    compute again and compare; exit status 1 if they differ
"""

import argparse
import copy
import math
import random
import re
import sys
import textwrap

import torch
from torch import nn
from torch.nn import functional as F

from torch_activations import ACTIVATIONS, kink_distance

INPUTS, HIDDEN, OUTPUTS = 5, (6, 4), 3
ROWS, BATCHES, STEPS = 7, 3, 20  # step i trains on batch i % BATCHES

# A value closer to a kink may be on the other side of it after rounding to float.
KINK_DISTANCE = 1e-5

# Relative, by the norm of each array. Other versions of PyTorch add in another order.
CHECK_TOLERANCE = 1e-12

# ---- Options: the fields of the C structs and their defaults. Enumerators have no MLPBN_ here.

LAYER = {"activation": "TANH", "bias": 1, "init": "INIT_HE", "batchnorm": None, "alpha": 0.0}
BATCHNORM = {"affine": 1, "eps": 1e-5, "decay": 0.9, "unbiased_running_variance": 1,
             "start_from_first_batch": 0, "after_activation": 0, "cumulative": 0}
LOSS = {"loss": "SOFTMAX_CROSS_ENTROPY", "lambda": 0.0, "penalty": "L2_SUM",
        "penalty_kinds": "KIND_BIT(MLPBN_WEIGHT)", "label_smoothing": 0.0, "class_weights": None,
        "n_class_weights": 0, "huber_delta": 1.0, "reduction": "REDUCTION_WEIGHTED_MEAN",
        "ignore_label": "NO_IGNORE_LABEL", "pos_weights": None, "n_pos_weights": 0,
        "quantiles": None, "n_quantiles": 0, "quantile": 0.5}
OPTIMIZER = {"kind": "SGD", "learning_rate": 0.0831, "momentum": 0.0, "nesterov": 0,
             "beta1": 0.873, "beta2": 0.9713, "rho": 0.9385, "eps": 2.385e-4,
             "weight_decay": 0.0731, "decay_kinds": "KIND_BIT(MLPBN_WEIGHT)", "clip_norm": 0.0}


class Case:
    """The options of a network and its training. hidden, last, loss and optimizer: options that
    differ from the defaults. batchnorm: options for every hidden layer."""

    def __init__(self, name, hidden={}, last={}, loss={}, optimizer={}, batchnorm=None,
                 standardized=False, weighted=False, set_statistics=True, frozen=False):
        self.name = name
        self.loss = {**LOSS, **loss}
        self.optimizer = {**OPTIMIZER, **optimizer}
        self.standardized, self.weighted = standardized, weighted
        self.set_statistics = set_statistics  # False: they have the initial values 0 and 1
        self.frozen = frozen  # training normalizes by running statistics
        if batchnorm is not None:
            batchnorm = {**BATCHNORM, **batchnorm}
        both = {**LAYER, "batchnorm": batchnorm, **hidden}
        self.layers = [{"units": units, **both} for units in HIDDEN]
        self.layers.append({"units": OUTPUTS, **LAYER, "activation": "IDENTITY", **last})
        if self.loss["class_weights"] is not None:
            self.loss["n_class_weights"] = OUTPUTS
        for name in ("pos_weights", "quantiles"):
            if self.loss[name] is not None:
                self.loss["n_" + name] = OUTPUTS

    def has_labels(self):
        return self.loss["loss"] == "SOFTMAX_CROSS_ENTROPY"

    def ignores(self):
        return self.loss["ignore_label"] != "NO_IGNORE_LABEL"

    def class_weights(self):
        return self.tensor_option("class_weights")

    def tensor_option(self, name):
        values = self.loss[name]
        return None if values is None else torch.tensor(values)


# ---- Losses, layers and networks in PyTorch.

def cross_entropy(y, targets, case, reduction):
    ignored = {"ignore_index": case.loss["ignore_label"]} if case.ignores() else {}
    return F.cross_entropy(y, targets, weight=case.class_weights(), reduction=reduction,
                           label_smoothing=case.loss["label_smoothing"], **ignored)


def pinball(y, targets, case, reduction):
    """As scikit-learn's mean_pinball_loss defines it."""
    quantiles = case.tensor_option("quantiles")
    q = case.loss["quantile"] if quantiles is None else quantiles
    each = torch.maximum(q * (targets - y), (q - 1) * (targets - y))
    return each.mean() if reduction == "mean" else each


LOSSES = {
    "SOFTMAX_CROSS_ENTROPY": cross_entropy,
    "SOFT_CROSS_ENTROPY": cross_entropy,
    "SIGMOID_CROSS_ENTROPY": lambda y, t, case, reduction:
        F.binary_cross_entropy_with_logits(y, t, weight=case.class_weights(),
                                           pos_weight=case.tensor_option("pos_weights"),
                                           reduction=reduction),
    "MEAN_SQUARED_ERROR": lambda y, t, case, reduction: F.mse_loss(y, t, reduction=reduction),
    "MEAN_ABSOLUTE_ERROR": lambda y, t, case, reduction: F.l1_loss(y, t, reduction=reduction),
    "HUBER": lambda y, t, case, reduction:
        F.huber_loss(y, t, reduction=reduction, delta=case.loss["huber_delta"]),
    "PINBALL": pinball,
}
# Losses that contain the last layer's activation: their argument is the input of it.
CONTAINED = {("SOFTMAX", "SOFTMAX_CROSS_ENTROPY"), ("SOFTMAX", "SOFT_CROSS_ENTROPY"),
             ("SIGMOID", "SIGMOID_CROSS_ENTROPY")}


def reduced_loss(case, y, targets, weights):
    loss, reduction = LOSSES[case.loss["loss"]], case.loss["reduction"]
    if weights is None and reduction == "REDUCTION_WEIGHTED_MEAN":
        return loss(y, targets, case, "mean")
    each = loss(y, targets, case, "none")
    if each.dim() == 2:
        each = each.mean(1)
    if weights is None:
        weights = torch.ones(len(each))
    if reduction == "REDUCTION_SUM":
        return (weights * each).sum()
    if case.ignores():
        weights = weights * (targets != case.loss["ignore_label"])
        targets = targets.clamp(min=0)
    if reduction == "REDUCTION_MEAN_OVER_ROWS":
        return (weights * each).sum() / (weights != 0).sum()
    divisor = weights
    if case.has_labels() and case.class_weights() is not None:
        divisor = weights * case.class_weights()[targets]
    return (weights * each).sum() / divisor.sum()


class BatchNorm(nn.BatchNorm1d):
    """nn.BatchNorm1d with two more options: unbiased_running_variance 0, start_from_first_batch.
    PyTorch's momentum is 1 - decay."""

    def __init__(self, units, options, starts, frozen):
        super().__init__(units, eps=options["eps"], affine=bool(options["affine"]))
        self.options = options
        self.starts = starts  # the first batch's statistics become the running ones
        self.frozen = frozen

    def train(self, mode=True):
        return super().train(mode and not self.frozen)

    def rate(self):
        if self.options["cumulative"]:
            return None  # PyTorch's value for a cumulative average
        if self.starts and self.num_batches_tracked == 0:
            return 1.0
        return 1 - self.options["decay"]

    def forward(self, x):
        self.momentum = self.rate()
        before = self.running_var.clone()
        y = super().forward(x)
        if self.training and not self.options["unbiased_running_variance"]:
            rate = self.momentum or 1 / self.num_batches_tracked.item()
            self.running_var = (1 - rate) * before + rate * x.detach().var(0, unbiased=False)
        return y


class Layer(nn.Module):
    def __init__(self, inputs, options, case):
        super().__init__()
        self.linear = nn.Linear(inputs, options["units"], bias=bool(options["bias"]))
        batchnorm = options["batchnorm"]
        starts = batchnorm and batchnorm["start_from_first_batch"] and not case.set_statistics
        self.batchnorm = None
        self.after = bool(batchnorm and batchnorm["after_activation"])
        if batchnorm:
            self.batchnorm = BatchNorm(options["units"], batchnorm, starts, case.frozen)
        self.options = options
        self.kink = math.inf  # smallest distance of z from a kink of the activation

    def before_activation(self, x):
        z = self.linear(x)
        return self.batchnorm(z) if self.batchnorm and not self.after else z

    def activate(self, z):
        name = self.options["activation"]
        self.kink = min(self.kink, kink_distance(name, z))
        y = ACTIVATIONS[name].function(z, self.options["alpha"])
        return self.batchnorm(y) if self.after else y

    def parameters_in_order(self):
        parameters = [self.linear.weight, self.linear.bias]
        if self.batchnorm and self.batchnorm.affine:
            parameters += [self.batchnorm.weight, self.batchnorm.bias]
        return [p for p in parameters if p is not None]


class Network(nn.Module):
    def __init__(self, case):
        super().__init__()
        self.case = case
        self.standardize = None
        if case.standardized:
            self.standardize = nn.BatchNorm1d(INPUTS, eps=0, affine=False)
        inputs = [INPUTS] + [options["units"] for options in case.layers]
        self.layers = nn.ModuleList(
            Layer(n, options, case) for n, options in zip(inputs, case.layers))
        self.kink = math.inf  # smallest |y - target| of a loss with a kink

    def train(self, mode=True):
        super().train(mode)
        if self.standardize:
            self.standardize.eval()
        return self

    def forward(self, x):
        """Returns the last layer's z, and the outputs."""
        y = self.standardize(x) if self.standardize else x
        for layer in self.layers:
            z = layer.before_activation(y)
            y = layer.activate(z)
        return z, y

    def loss(self, x, targets, weights):
        z, y = self(x)
        if self.case.loss["loss"] in ("MEAN_ABSOLUTE_ERROR", "PINBALL"):
            self.kink = min(self.kink, (y - targets).abs().min().item())
        pair = self.case.layers[-1]["activation"], self.case.loss["loss"]
        return reduced_loss(self.case, z if pair in CONTAINED else y, targets, weights)

    def penalty(self):
        factor = self.case.loss["lambda"]
        if self.case.loss["penalty"] == "L2_HALF_SUM":
            factor /= 2
        return factor * sum((layer.linear.weight**2).sum() for layer in self.layers)

    def parameters_in_order(self):
        return [p for layer in self.layers for p in layer.parameters_in_order()]

    def tensors(self):
        """Returns the parameters, then the running statistics, as the library's table does."""
        norms = [layer.batchnorm for layer in self.layers if layer.batchnorm]
        return self.parameters_in_order() + [
            statistic for norm in norms for statistic in (norm.running_mean, norm.running_var)]

    def closest_to_a_kink(self):
        return min([self.kink] + [layer.kink for layer in self.layers])


# ---- Random values.

def random_values(rng, *shape, scale=1.0, shift=0.0):
    values = [shift + scale * (2 * rng.random() - 1) for _ in range(math.prod(shape))]
    return torch.tensor([round(value * 1024) / 1024 for value in values]).reshape(shape)


@torch.no_grad()
def initialize(network, rng):
    if network.standardize:
        network.standardize.running_mean.copy_(random_values(rng, INPUTS, scale=0.7, shift=0.2))
        network.standardize.running_var.copy_(random_values(rng, INPUTS, scale=0.5, shift=1.3) ** 2)
    for layer in network.layers:
        weight = layer.linear.weight
        weight.copy_(random_values(rng, *weight.shape, scale=math.sqrt(6 / weight.shape[1])))
        if layer.linear.bias is not None:
            layer.linear.bias.copy_(random_values(rng, len(weight), scale=0.4))
        norm = layer.batchnorm
        if norm and norm.affine:
            norm.weight.copy_(random_values(rng, len(weight), scale=0.3, shift=1.1))
            norm.bias.copy_(random_values(rng, len(weight), scale=0.3))
        if norm and network.case.set_statistics:
            norm.running_mean.copy_(random_values(rng, len(weight), scale=0.5))
            norm.running_var.copy_(random_values(rng, len(weight), scale=0.6, shift=1.2))


def make_batches(case, rng):
    """Returns x, targets and weights of all rows, and a list of these for each batch. targets are
    labels for a loss with labels."""
    n = BATCHES * ROWS
    x = random_values(rng, n, INPUTS, scale=1.7, shift=0.1)
    targets = random_values(rng, n, OUTPUTS, scale=1.2, shift=0.2)
    if case.loss["loss"] in ("SOFT_CROSS_ENTROPY", "SIGMOID_CROSS_ENTROPY"):
        targets = random_values(rng, n, OUTPUTS, scale=0.48, shift=0.5)
    if case.has_labels():
        targets = torch.tensor([rng.randrange(OUTPUTS) for _ in range(n)])
    if case.ignores():
        targets[::3] = case.loss["ignore_label"]
    weights = random_values(rng, n, scale=0.9, shift=1.2) if case.weighted else None
    parts = [array if array is None else array.split(ROWS) for array in (x, targets, weights)]
    batches = [tuple(part and part[b] for part in parts) for b in range(BATCHES)]
    return (x, targets, weights), batches


# ---- Training, and the results.

def make_optimizer(case, network):
    o = case.optimizer
    rate, betas = o["learning_rate"], (o["beta1"], o["beta2"])
    groups = [{"params": [p for p in network.parameters() if p.dim() == 2]},
              {"params": [p for p in network.parameters() if p.dim() == 1]}]
    if o["decay_kinds"] != "ALL_PARAMETERS":
        groups[1]["weight_decay"] = 0.0
    if o["kind"] == "SGD":
        return torch.optim.SGD(groups, rate, o["momentum"], nesterov=bool(o["nesterov"]),
                               weight_decay=case.loss["lambda"] if decays(case) else 0)
    if o["kind"] == "RMSPROP":
        return torch.optim.RMSprop(groups, rate, o["rho"], o["eps"], momentum=o["momentum"])
    if o["kind"] == "ADAM":
        return torch.optim.Adam(groups, rate, betas, o["eps"])
    return torch.optim.AdamW(groups, rate, betas, o["eps"], o["weight_decay"])


def decays(case):
    """Whether SGD adds the penalty as its weight_decay (mlpbn/loss.h: L2_HALF_SUM)."""
    return case.optimizer["kind"] == "SGD" and case.loss["penalty"] == "L2_HALF_SUM"


def train(case, network, batches):
    optimizer = make_optimizer(case, network)
    network.train()
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = network.loss(*batches[step % BATCHES])
        (loss if decays(case) else loss + network.penalty()).backward()
        if case.optimizer["clip_norm"] > 0:
            nn.utils.clip_grad_norm_(network.parameters(), case.optimizer["clip_norm"])
        optimizer.step()


def gradients(network, cost):
    """Returns the gradients. That of a bias right before batch statistics is set to 0, because in
    PyTorch it is rounding noise."""
    cost.backward()
    for layer in network.layers:
        centred = layer.batchnorm and not layer.after and not layer.batchnorm.frozen
        if centred and layer.linear.bias is not None:
            layer.linear.bias.grad.zero_()
    return [p.grad for p in network.parameters_in_order()]


def compute(case):
    """Returns the members of the C struct fixture."""
    rng = random.Random(case.name)
    network = Network(case)
    initialize(network, rng)
    (x, targets, weights), batches = make_batches(case, rng)
    first = batches[0][0].clone().requires_grad_()
    dy = random_values(rng, ROWS, OUTPUTS)
    standardize = network.standardize
    fixture = {
        "mean": standardize and standardize.running_mean, "x": x, "weights": weights,
        "std": standardize and standardize.running_var.sqrt(),
        "labels": targets if case.has_labels() else None,
        "targets": None if case.has_labels() else targets, "dy": dy,
        "tensors": join(network.tensors()),
    }

    network.eval()
    fixture["predicted"] = network(batches[0][0])[1]
    fixture["evaluated"] = network.loss(x, targets, weights).item()
    once = copy.deepcopy(network).train()  # keeps the running statistics of network unchanged
    fixture["outputs_trained"] = once(first)[1]
    fixture["dx"], = torch.autograd.grad(fixture["outputs_trained"], first, dy)
    loss = once.loss(*batches[0])
    fixture["batch_loss"], fixture["batch_cost"] = loss.item(), (loss + once.penalty()).item()
    fixture["gradients"] = join(gradients(once, loss + once.penalty()))

    train(case, network, batches)
    fixture["trained"] = join(network.tensors())
    network.eval()
    fixture["predicted_after"] = network(batches[0][0])[1]
    if network.closest_to_a_kink() < KINK_DISTANCE:
        sys.exit(f"{case.name}: {network.closest_to_a_kink():g} from a kink: give it another name")
    return fixture


def join(tensors):
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


# ---- C initializers.

def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return f"MLPBN_{value}"
    if isinstance(value, torch.Tensor):
        value = value.detach().reshape(-1).tolist()
    if isinstance(value, dict):
        return "&(const mlpbn_batchnorm_options)" + options("batchnorm", value)
    if isinstance(value, list):
        kind = "double" if isinstance(value[0], float) else "int32_t"
        return f"(const {kind}[]){{{', '.join(map(repr, value))}}}"
    return repr(value)


def members(values):
    return ", ".join(f".{name} = {literal(value)}" for name, value in values.items())


def options(kind, values):
    return f"{{.struct_size = sizeof(mlpbn_{kind}_options), {members(values)}}}"


def initializer(case):
    layers = ", ".join(options("layer", layer) for layer in case.layers)
    scalars = {"inputs": INPUTS, "n_layers": len(case.layers), "outputs": OUTPUTS, "rows": ROWS,
               "batches": BATCHES, "steps": STEPS, "set_statistics": int(case.set_statistics),
               "frozen": int(case.frozen)}
    lines = [f'.name = "{case.name}"', members(scalars),
             f".layers = (const mlpbn_layer_options[]){{{layers}}}",
             f".loss = {options('loss', case.loss)}",
             f".optimizer = {options('optimizer', case.optimizer)}"]
    lines += [members({name: value}) for name, value in compute(case).items()]
    return "{" + lines[0] + "".join(",\n" + wrap(line) for line in lines[1:]) + "},\n"


def wrap(line):
    return textwrap.fill(line, 100, initial_indent=" ", subsequent_indent="  ",
                         break_long_words=False, break_on_hyphens=False)


HEAD = "/* Written by tests/reference/make_reference.py; see there. */\n"


# ---- The cases. The first word is the group.

ALPHAS = {"LEAKY_RELU": 0.0731, "ELU": 1.385}


def activation_cases():
    for name in ACTIVATIONS:
        if name != "SOFTMAX":
            yield Case(f"activation {name}", {"activation": name, "alpha": ALPHAS.get(name, 0.0)},
                       optimizer={"momentum": 0.731})
    for last, loss in [("SOFTMAX", "SOFTMAX_CROSS_ENTROPY"), ("SOFTMAX", "SOFT_CROSS_ENTROPY"),
                       ("SOFTMAX", "MEAN_SQUARED_ERROR"), ("SIGMOID", "SIGMOID_CROSS_ENTROPY"),
                       ("SIGMOID", "MEAN_SQUARED_ERROR"), ("TANH", "SOFTMAX_CROSS_ENTROPY")]:
        yield Case(f"activation {last} at the output, {loss}", last={"activation": last},
                   loss={"loss": loss})


def loss_cases():
    for name in LOSSES:
        for weighted in (False, True):
            yield Case(f"loss {name}{', weights of rows' if weighted else ''}",
                       loss={"loss": name, "huber_delta": 0.385 if name == "HUBER" else 1.0},
                       weighted=weighted)
    smoothed, classes = {"label_smoothing": 0.173}, {"class_weights": [0.731, 1.385, 2.173]}
    soft = {"loss": "SOFT_CROSS_ENTROPY"}
    for name, loss in [("label smoothing", smoothed), ("class weights", classes),
                       ("label smoothing and class weights", {**smoothed, **classes}),
                       ("soft targets and class weights", {**soft, **classes})]:
        yield Case(f"loss with {name}", loss=loss)
        yield Case(f"loss with {name}, weights of rows", loss=loss, weighted=True)
    sigmoid, positives = {"loss": "SIGMOID_CROSS_ENTROPY"}, {"pos_weights": [2.385, 0.61, 7.173]}
    for name, loss in [("class weights", classes), ("weights of positives", positives),
                       ("weights of classes and positives", {**classes, **positives})]:
        for weighted in (False, True):
            yield Case(f"loss with sigmoids and {name}{', weights of rows' * weighted}",
                       loss={**sigmoid, **loss}, weighted=weighted)
    for name, loss in [("one quantile", {"quantile": 0.831}),
                       ("quantiles", {"quantiles": [0.0831, 0.5, 0.9385]})]:
        for weighted in (False, True):
            yield Case(f"loss with {name}{', weights of rows' * weighted}", weighted=weighted,
                       loss={"loss": "PINBALL", **loss})
    for reduction in ("REDUCTION_SUM", "REDUCTION_MEAN_OVER_ROWS"):
        for name, loss in [("class weights", classes), ("squares", {"loss": "MEAN_SQUARED_ERROR"})]:
            for weighted in (False, True):
                yield Case(f"loss with {reduction}, {name}{', weights of rows' * weighted}",
                           loss={**loss, "reduction": reduction}, weighted=weighted,
                           optimizer={"learning_rate": 0.0173})
    for label in (-100, 1):
        for reduction in ("WEIGHTED_MEAN", "SUM", "MEAN_OVER_ROWS"):
            for weighted in (False, True):
                yield Case(f"loss with label {label} ignored, {reduction}"
                           f"{', weights of rows' * weighted}", weighted=weighted,
                           loss={**classes, "label_smoothing": 0.0873, "ignore_label": label,
                                 "reduction": f"REDUCTION_{reduction}"},
                           optimizer={"learning_rate": 0.0173})
    for penalty in ("L2_SUM", "L2_HALF_SUM"):
        yield Case(f"loss with {penalty}", loss={"lambda": 0.0385, "penalty": penalty},
                   optimizer={"momentum": 0.613})


def optimizer_cases():
    yield Case("optimizer SGD")
    yield Case("optimizer momentum", optimizer={"momentum": 0.873})
    yield Case("optimizer Nesterov", optimizer={"momentum": 0.731, "nesterov": 1})
    yield Case("optimizer SGD, clipped", optimizer={"clip_norm": 0.2385})
    yield Case("optimizer SGD, clipped now and then", optimizer={"clip_norm": 1.073})
    yield Case("optimizer Nesterov, clipped",
               optimizer={"momentum": 0.731, "nesterov": 1, "clip_norm": 0.2385})
    adaptive = {"learning_rate": 0.0173}
    yield Case("optimizer RMSprop", optimizer={"kind": "RMSPROP", **adaptive})
    yield Case("optimizer RMSprop, momentum",
               optimizer={"kind": "RMSPROP", **adaptive, "momentum": 0.613})
    yield Case("optimizer Adam", optimizer={"kind": "ADAM", **adaptive})
    yield Case("optimizer Adam, usual numbers",
               optimizer={"kind": "ADAM", "learning_rate": 0.001, "beta1": 0.9,
                          "beta2": 0.999, "eps": 1e-8})
    yield Case("optimizer Adam, clipped",
               optimizer={"kind": "ADAM", **adaptive, "clip_norm": 0.0385})
    yield Case("optimizer AdamW, weights decayed", optimizer={"kind": "ADAMW", **adaptive})
    yield Case("optimizer AdamW, all decayed",
               optimizer={"kind": "ADAMW", **adaptive, "decay_kinds": "ALL_PARAMETERS"})


def batchnorm_cases():
    """The layers have no bias: its gradient is 0 but for rounding in PyTorch, and Adam and RMSprop
    scale this noise to full steps. SGD does not, so one case with SGD has a bias."""
    relu = {"activation": "RELU", "bias": 0}
    for unbiased in (0, 1):
        for starts in (0, 1):
            for is_set in (False, True):
                yield Case(f"batchnorm, unbiased {unbiased}, starts {starts}, "
                           f"statistics {'set' if is_set else 'as at birth'}", relu,
                           batchnorm={"unbiased_running_variance": unbiased, "decay": 0.831,
                                      "start_from_first_batch": starts, "eps": 2.385e-3},
                           set_statistics=is_set)
    yield Case("batchnorm, a bias before it", {"activation": "RELU"}, batchnorm={},
               optimizer={"momentum": 0.613})
    for method in ("RMSPROP", "ADAM", "ADAMW"):
        yield Case(f"batchnorm, {method}", relu, batchnorm={},
                   optimizer={"kind": method, "learning_rate": 0.0173})
    yield Case("batchnorm, penalty, clipped, weights of rows", relu, batchnorm={}, weighted=True,
               loss={"lambda": 0.0173}, optimizer={"momentum": 0.613, "clip_norm": 0.385})
    for name, options in [("after the activation", {"after_activation": 1}),
                          ("not affine", {"affine": 0}),
                          ("not affine, after the activation",
                           {"affine": 0, "after_activation": 1})]:
        yield Case(f"batchnorm, {name}", {"activation": "TANH"}, batchnorm=options)
    for unbiased in (0, 1):
        yield Case(f"batchnorm, cumulative, unbiased {unbiased}", relu, set_statistics=False,
                   batchnorm={"cumulative": 1, "unbiased_running_variance": unbiased})
    yield Case("batchnorm, as in Keras", relu,
               batchnorm={"eps": 1e-3, "decay": 0.99, "unbiased_running_variance": 0})
    yield Case("batchnorm, frozen", {"activation": "RELU"}, batchnorm={}, frozen=True,
               optimizer={"momentum": 0.613})
    yield Case("batchnorm, frozen, after the activation", {"activation": "TANH"},
               batchnorm={"after_activation": 1}, frozen=True)
    yield Case("batchnorm of standardized inputs", relu, batchnorm={}, standardized=True)
    yield Case("batchnorm none, standardized inputs", standardized=True)


def make_all():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    makers = activation_cases, loss_cases, optimizer_cases, batchnorm_cases
    return HEAD + "".join(initializer(case) for make in makers for case in make())


# ---- Comparison of a new computation with the file.

ARRAY = re.compile(r"(?<=\(const double\[\]\){)[^}]*|(?<=_loss = )[^,]*|(?<=_cost = )[^,]*|"
                   r"(?<=evaluated = )[^,]*")


def difference(a, b):
    return math.dist(a, b) / (math.hypot(*a) or 1)


def check(path, new):
    """The text must be the same except for numbers; those of an array may differ by rounding."""
    with open(path, encoding="ascii") as file:
        old = file.read()
    arrays = [[[float(number) for number in array.split(",")] for array in ARRAY.findall(text)]
              for text in (old, new)]
    if ARRAY.sub("", old) != ARRAY.sub("", new) or \
            list(map(len, arrays[0])) != list(map(len, arrays[1])):
        sys.exit(f"{path}: other cases than those in make_reference.py")
    worst = max(map(difference, *arrays))
    if worst > CHECK_TOLERANCE:
        sys.exit(f"{path}: differs from PyTorch {torch.__version__} by {worst:g}, relative")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("file")
    arguments = parser.parse_args()
    text = make_all()
    if arguments.check:
        check(arguments.file, text)
    else:
        with open(arguments.file, "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    main()
