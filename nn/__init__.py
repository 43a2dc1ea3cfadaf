"""Neural networks on chainrule's engine, with PyTorch's names."""

from . import data, functional, init, optim
from .data import DataLoader, TensorDataset
from .init import manual_seed
from .layers import Linear, LogSoftmax, ReLU, Sequential, Sigmoid, Softmax, Softplus, Tanh
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HingeLoss, MSELoss
from .module import Module, Parameter
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
