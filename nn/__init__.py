"""Neural networks on chainrule's engine, with PyTorch's names."""

import autograd as _autograd

if not hasattr(_autograd, "Tensor"):
    raise ImportError(
        f"the package `autograd` found at {list(_autograd.__path__)} is not chainrule's: HIPS "
        "autograd has the same name, and the two cannot share one environment. To keep chainrule "
        "here: `pip uninstall autograd chainrule`, then `pip install chainrule`; to use both, give "
        "each a virtual environment of its own"
    )

from . import data, functional, init, metrics, optim, utils
from .activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmax2d,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from .containers import ModuleDict, ModuleList, Sequential
from .data import DataLoader, Dataset, TensorDataset, one_hot, standardize, train_test_split
from .history import History
from .init import manual_seed
from .inspection import count_parameters, summary
from .layers import Dropout, Flatten, Identity, Linear
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
)
from .module import Module, Parameter
from .scalar import MLP, Layer, Neuron
from .serialization import load, save
from .training import NonFiniteError, fit

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "MLP",
    "SELU",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "DataLoader",
    "Dataset",
    "Dropout",
    "Flatten",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeLoss",
    "History",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiMarginLoss",
    "NLLLoss",
    "Neuron",
    "NonFiniteError",
    "PReLU",
    "Parameter",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "TensorDataset",
    "Threshold",
    "count_parameters",
    "data",
    "fit",
    "functional",
    "init",
    "load",
    "manual_seed",
    "metrics",
    "one_hot",
    "optim",
    "save",
    "standardize",
    "summary",
    "train_test_split",
    "utils",
]
