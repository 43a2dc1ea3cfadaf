"""Neural networks on chainrule's engine, with PyTorch's names."""

import autograd as _autograd

if not hasattr(_autograd, "Tensor"):
    raise ImportError(
        f"the package `autograd` found at {list(_autograd.__path__)} is not chainrule's: HIPS "
        "autograd has the same name, and the two cannot share one environment. To keep chainrule "
        "here: `pip uninstall autograd chainrule`, then `pip install chainrule`; to use both, give "
        "each a virtual environment of its own"
    )

from . import data, functional, init, optim
from .data import DataLoader, TensorDataset
from .init import manual_seed
from .layers import Linear, LogSoftmax, ReLU, Sequential, Sigmoid, Softmax, Softplus, Tanh
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HingeLoss, MSELoss
from .module import Module, Parameter
from .perceptron import Perceptron
from .scalar import MLP, Layer, Neuron

__all__ = [
    "MLP",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "DataLoader",
    "HingeLoss",
    "Layer",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "Neuron",
    "Parameter",
    "Perceptron",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "TensorDataset",
    "data",
    "functional",
    "init",
    "manual_seed",
    "optim",
]
