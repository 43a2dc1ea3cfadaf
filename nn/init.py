"""Initial values of parameters, with PyTorch's distributions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import Parameter as Argument
from inspect import Signature, signature
from typing import Any

import numpy as np

_default = np.random.default_rng()
_current: ContextVar[np.random.Generator | None] = ContextVar("generator", default=None)


def manual_seed(seed: int) -> None:
    """Seed the generator that layers use where none is given.

    >>> import nn
    >>> nn.init.manual_seed(0)
    >>> first = nn.Linear(2, 2).weight.data
    >>> nn.init.manual_seed(0)
    >>> bool((nn.Linear(2, 2).weight.data == first).all())
    True
    """
    global _default
    _default = np.random.default_rng(seed)


def generator_or_default(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator given, or the package's own.

    Raises:
        TypeError: for anything else, such as a seed.
    """
    if generator is None:
        return _current.get() or _default
    if not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"generator: {type(generator).__name__} is no NumPy Generator: "
            "give np.random.default_rng(seed)"
        )
    return generator


@contextmanager
def default_generator(generator: np.random.Generator) -> Iterator[None]:
    """Within the block, and in this thread only, `generator` is the package's own.

    >>> import numpy as np
    >>> import nn
    >>> with nn.init.default_generator(np.random.default_rng(0)):
    ...     first = nn.Linear(2, 2).weight.data
    >>> with nn.init.default_generator(np.random.default_rng(0)):
    ...     print((nn.Linear(2, 2).weight.data == first).all())
    True
    """
    token = _current.set(generator_or_default(generator))
    try:
        yield
    finally:
        _current.reset(token)


# --- arrays by shape --------------------------------------------------------------------


def uniform(
    shape: Sequence[int],
    bound: float,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """An array of `shape` drawn from the uniform distribution over [-bound, bound).

    >>> import nn
    >>> nn.init.uniform((2, 3), 0.5).shape
    (2, 3)
    """
    return generator_or_default(generator).uniform(-bound, bound, tuple(shape)).astype(dtype)


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """An array of `shape` drawn from the normal distribution.

    >>> import nn
    >>> nn.init.normal((2, 3), std=0.02).shape
    (2, 3)
    """
    return generator_or_default(generator).normal(mean, std, tuple(shape)).astype(dtype)


def zeros(shape: Sequence[int], *, dtype: Any = np.float32) -> np.ndarray:
    """An array of zeros.

    >>> import nn
    >>> nn.init.zeros((2,))
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape, dtype)


def xavier_uniform(
    shape: Sequence[int],
    gain: float = 1.0,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """Uniform with the variance 2 gain**2 / (fan_in + fan_out) (Glorot & Bengio, 2010).

    >>> import nn
    >>> bool(abs(nn.init.xavier_uniform((3, 3))).max() <= 1)
    True
    """
    fan_in, fan_out = _fans("xavier_uniform", shape)
    bound = gain * math.sqrt(6 / max(fan_in + fan_out, 1))
    return uniform(shape, bound, generator=generator, dtype=dtype)


def xavier_normal(
    shape: Sequence[int],
    gain: float = 1.0,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """Normal with the variance 2 gain**2 / (fan_in + fan_out) (Glorot & Bengio, 2010).

    >>> import nn
    >>> nn.init.xavier_normal((3, 4)).shape
    (3, 4)
    """
    fan_in, fan_out = _fans("xavier_normal", shape)
    std = gain * math.sqrt(2 / max(fan_in + fan_out, 1))
    return normal(shape, 0.0, std, generator=generator, dtype=dtype)


def kaiming_uniform(
    shape: Sequence[int],
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """Uniform with the variance gain**2 / fan (He et al., 2015, arXiv:1502.01852).

    Args:
        shape: (out_features, in_features, ...).
        a: the slope of a leaky ReLU below 0.
        mode: "fan_in" keeps the size of what goes forward, "fan_out" that of the gradients.
        nonlinearity: what follows, see `calculate_gain`.
        generator: a NumPy Generator.
        dtype: of the array.

    >>> import nn
    >>> bool(abs(nn.init.kaiming_uniform((8, 6), nonlinearity="relu")).max() <= 1)
    True
    """
    std = _kaiming_std("kaiming_uniform", shape, a, mode, nonlinearity)
    return uniform(shape, math.sqrt(3) * std, generator=generator, dtype=dtype)


def kaiming_normal(
    shape: Sequence[int],
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """Normal with the variance gain**2 / fan; arguments as those of `kaiming_uniform`.

    >>> import nn
    >>> nn.init.kaiming_normal((3, 4)).shape
    (3, 4)
    """
    std = _kaiming_std("kaiming_normal", shape, a, mode, nonlinearity)
    return normal(shape, 0.0, std, generator=generator, dtype=dtype)


def orthogonal(
    shape: Sequence[int],
    gain: float = 1.0,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`.

    Axes after the first are taken as one (Saxe et al., 2013, arXiv:1312.6120).

    >>> import numpy as np
    >>> import nn
    >>> q = nn.init.orthogonal((2, 5), dtype=float)
    >>> np.allclose(q @ q.T, np.eye(2))
    True
    """
    if len(shape) < 2:
        raise ValueError(f"orthogonal: shape {tuple(shape)}: give at least two axes")
    rows, columns = shape[0], math.prod(shape[1:])
    numbers = generator_or_default(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(numbers)
    q *= np.sign(np.diagonal(r))  # uniform over the orthogonal matrices: Mezzadri, 2007
    return (gain * (q if rows >= columns else q.T)).reshape(tuple(shape)).astype(dtype)


def trunc_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """An array of `shape` drawn from the normal distribution between the numbers `a` and `b`.

    Args:
        shape: of the array.
        mean: of the whole distribution.
        std: its standard deviation.
        a: the least number.
        b: the largest number.
        generator: a NumPy Generator.
        dtype: of the array.

    Raises:
        ValueError: for a standard deviation that is not positive, or a above b.

    >>> import nn
    >>> bool(abs(nn.init.trunc_normal((100,), std=5.0)).max() <= 2)
    True
    """
    if not (std > 0 and a < b):
        raise ValueError(f"trunc_normal: std={std}, a={a}, b={b}: give a positive std, and a < b")
    rng = generator_or_default(generator)
    low, high = (a - mean) / std, (b - mean) / std
    peak = min(max(low, 0.0), high)
    # Beyond 10 deviations from its peak the density is below exp(-50) of it.
    low, high = max(low, peak - 10), min(high, peak + 10)
    narrow = high - low < 2.5 or abs(peak) > 1  # few normal numbers would be within
    numbers = np.full(tuple(shape), np.nan)
    while (left := np.isnan(numbers)).any():
        n = int(left.sum())
        if narrow:
            drawn = rng.uniform(low, high, n)
            accepted = rng.random(n) < np.exp((peak**2 - drawn**2) / 2)
        else:
            drawn = rng.normal(size=n)
            accepted = (drawn >= low) & (drawn <= high)
        numbers[left] = np.where(accepted, drawn, np.nan)
    return (mean + std * numbers).astype(dtype)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor of weights before `nonlinearity`, for what comes out to be as large.

    Args:
        nonlinearity: the name of a function of `nn.functional`, or "linear".
        param: of "leaky_relu" its slope below 0, 0.01 by default.

    Raises:
        ValueError: for a name that is not known.

    >>> import nn
    >>> nn.init.calculate_gain("tanh")
    1.6666666666666667
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75,
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
        **{f"conv{kind}{n}d": 1.0 for kind in ("", "_transpose") for n in (1, 2, 3)},
    }  # fmt: skip
    if nonlinearity not in gains:
        raise ValueError(f"nonlinearity {nonlinearity!r} is unknown: use one of {', '.join(gains)}")
    return gains[nonlinearity]


def _fans(name: str, shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs each output has, and outputs each input."""
    if len(shape) < 2:
        raise ValueError(f"{name}: shape {tuple(shape)}: give at least two axes")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _kaiming_std(name: str, shape: Sequence[int], a: float, mode: str, nonlinearity: str) -> float:
    fan_in, fan_out = _fans(name, shape)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: mode {mode!r} is unknown: use 'fan_in' or 'fan_out'")
    return calculate_gain(nonlinearity, a) / math.sqrt(
        max(fan_in if mode == "fan_in" else fan_out, 1)
    )


def linear_bound(in_features: int) -> float:
    """The bound of PyTorch's initialisation of a linear layer, 1/sqrt(in_features).

    That is Kaiming initialisation with a = sqrt(5) (He et al., 2015, arXiv:1502.01852) for the
    weight, and what PyTorch takes for the bias.

    >>> import nn
    >>> nn.init.linear_bound(4)
    0.5
    """
    return 1 / math.sqrt(in_features) if in_features else 0.0


# --- parameters in place, by PyTorch's names --------------------------------------------


def uniform_(
    tensor: Any, a: float = 0.0, b: float = 1.0, generator: np.random.Generator | None = None
) -> Any:
    """Fill a parameter with numbers drawn from [a, b).

    >>> import nn
    >>> layer = nn.Linear(2, 2)
    >>> bool((nn.init.uniform_(layer.weight, 1.0, 2.0).data >= 1).all())
    True
    """
    tensor.data = generator_or_default(generator).uniform(a, b, tensor.shape)
    return tensor


def constant_(tensor: Any, val: float) -> Any:
    """Fill a parameter with one number.

    >>> import nn
    >>> nn.init.constant_(nn.Linear(1, 2).bias, 0.5).tolist()
    [0.5, 0.5]
    """
    tensor.data = np.full(tensor.shape, val)
    return tensor


def zeros_(tensor: Any) -> Any:
    """Fill a parameter with zeros.

    >>> import nn
    >>> nn.init.zeros_(nn.Linear(1, 2).bias).tolist()
    [0.0, 0.0]
    """
    return constant_(tensor, 0.0)


def ones_(tensor: Any) -> Any:
    """Fill a parameter with ones.

    >>> import nn
    >>> nn.init.ones_(nn.Linear(1, 2).bias).tolist()
    [1.0, 1.0]
    """
    return constant_(tensor, 1.0)


def eye_(tensor: Any) -> Any:
    """Fill a matrix with the identity, or as much of it as there is room for.

    >>> import nn
    >>> nn.init.eye_(nn.Linear(3, 2).weight).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    _check_axes("eye_", tensor, 2, 2)
    tensor.data = np.eye(*tensor.shape)
    return tensor


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """Fill the weight of a convolution so that it hands on its input, channel by channel.

    Args:
        tensor: shape (out_channels, in_channels / groups, ...) with one to three more axes.
        groups: into how many the channels are divided, each of which is handed on.

    >>> import nn
    >>> nn.init.dirac_(nn.Conv1d(1, 2, 3).weight).tolist()
    [[[0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]]]
    """
    _check_axes("dirac_", tensor, 3, 5)
    outputs, inputs, *kernel = tensor.shape
    if groups < 1 or outputs % groups:
        raise ValueError(f"dirac_: {outputs} channels do not divide into {groups} groups")
    weight = np.zeros(tensor.shape)
    centre = tuple(k // 2 for k in kernel)
    for i in range(min(outputs // groups, inputs)):
        weight[(slice(i, None, outputs // groups), i, *centre)] = 1
    tensor.data = weight
    return tensor


def sparse_(
    tensor: Any, sparsity: float, std: float = 0.01, generator: np.random.Generator | None = None
) -> Any:
    """Fill a matrix with normal numbers, and each column with a share of zeros (Martens, 2010).

    Args:
        tensor: shape (rows, columns).
        sparsity: the share of the rows, rounded up, that is 0 in a column.
        std: the standard deviation of the others.
        generator: a NumPy Generator.

    >>> import nn
    >>> int((nn.init.sparse_(nn.Linear(4, 10).weight, 0.25).data == 0).sum())
    12
    """
    _check_axes("sparse_", tensor, 2, 2)
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: sparsity {sparsity}: give a share from 0 to 1")
    rng = generator_or_default(generator)
    numbers = rng.normal(0.0, std, tensor.shape)
    zeros = rng.permuted(np.arange(len(numbers))[:, None].repeat(tensor.shape[1], 1), axis=0)
    tensor.data = np.where(zeros < math.ceil(sparsity * len(numbers)), 0.0, numbers)
    return tensor


def _check_axes(name: str, tensor: Any, least: int, most: int) -> None:
    if not least <= tensor.ndim <= most:
        axes = str(least) if least == most else f"{least} to {most}"
        raise ValueError(f"{name}: shape {tensor.shape}: give {axes} axes")


def _filling(make: Callable[..., np.ndarray]) -> Callable[..., Any]:
    """The initialiser that fills a parameter with what `make` gives for its shape."""
    settings = dict(signature(make).parameters)
    del settings["shape"], settings["dtype"]
    generator = settings.pop("generator").replace(kind=Argument.POSITIONAL_OR_KEYWORD)
    tensor = Argument("tensor", Argument.POSITIONAL_OR_KEYWORD)
    taken = Signature([tensor, *settings.values(), generator])

    def fill(*args: Any, **kwargs: Any) -> Any:
        given = taken.bind(*args, **kwargs).arguments
        tensor = given.pop("tensor")
        tensor.data = make(tensor.shape, **given, dtype=tensor.dtype)
        return tensor

    fill.__signature__ = taken  # type: ignore[attr-defined]
    fill.__name__ = f"{make.__name__}_"
    fill.__doc__ = f"Fill a parameter with `{make.__name__}` of its shape; returns the parameter."
    return fill


normal_ = _filling(normal)
trunc_normal_ = _filling(trunc_normal)
xavier_uniform_ = _filling(xavier_uniform)
xavier_normal_ = _filling(xavier_normal)
kaiming_uniform_ = _filling(kaiming_uniform)
kaiming_normal_ = _filling(kaiming_normal)
orthogonal_ = _filling(orthogonal)
