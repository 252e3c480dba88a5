"""Each mlpbn_activation as a function of PyTorch, by the name of its enumerator."""
import math
from typing import Callable, NamedTuple

import torch
import torch.nn.functional as F


class Activation(NamedTuple):
    number: int  # of the enumerator
    function: Callable  # of z and alpha
    kinks: tuple = ()  # points at which the derivative jumps


ACTIVATIONS = {
    "IDENTITY": Activation(1, lambda z, alpha: z),
    "RELU": Activation(2, lambda z, alpha: F.relu(z), (0,)),
    "LEAKY_RELU": Activation(3, F.leaky_relu, (0,)),
    "ELU": Activation(4, F.elu, (0,)),
    "SELU": Activation(5, lambda z, alpha: F.selu(z), (0,)),
    "SIGMOID": Activation(6, lambda z, alpha: torch.sigmoid(z)),
    "TANH": Activation(7, lambda z, alpha: torch.tanh(z)),
    "SOFTPLUS": Activation(8, lambda z, alpha: F.softplus(z, threshold=1e3)),
    "SILU": Activation(9, lambda z, alpha: F.silu(z)),
    "GELU": Activation(10, lambda z, alpha: F.gelu(z)),
    "GELU_TANH": Activation(11, lambda z, alpha: F.gelu(z, approximate="tanh")),
    "SOFTMAX": Activation(12, lambda z, alpha: torch.softmax(z, dim=1)),
    "RELU6": Activation(13, lambda z, alpha: F.relu6(z), (0, 6)),
    # PyTorch 1.13 computes F.hardsigmoid of doubles with 1/6 as a float.
    "HARD_SIGMOID": Activation(14, lambda z, alpha: F.relu6(z + 3) / 6, (-3, 3)),
    "HARD_SWISH": Activation(15, lambda z, alpha: F.hardswish(z), (-3, 3)),
    "MISH": Activation(16, lambda z, alpha: F.mish(z)),
}


def kink_distance(name, z):
    """Returns the smallest distance of an element of z from a kink of the activation."""
    return min((float((z.detach() - k).abs().min()) for k in ACTIVATIONS[name].kinks),
               default=math.inf)
