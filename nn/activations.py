"""Activations as modules; see the functions of the same names in `nn.functional`.

Arguments and defaults are PyTorch's. `inplace` is taken and changes nothing: results are always
new arrays, as graphs keep what they were recorded with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from autograd import relu, sigmoid, tanh

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.checks import floating, layer_input
from .init import generator_or_default
from .module import Module, Parameter
from .settings import bounds, chosen, not_negative, positive, sizes


class _Activation(Module):
    """`function` with the attributes named in `settings`."""

    function: ClassVar[Callable[..., Any]]
    settings: tuple[str, ...] = ()

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        settings = {name: getattr(self, name) for name in self.settings}
        return type(self).function(input, **settings)

    def extra_repr(self) -> str:
        return ", ".join([f"{name}={getattr(self, name)!r}" for name in self.settings])


class _Plain(_Activation):
    """One without settings."""

    def __init__(self, inplace: bool = False) -> None:
        del inplace


class ReLU(_Plain):
    """max(x, 0).

    >>> import numpy as np
    >>> import nn
    >>> nn.ReLU()(np.array([-1.0, 2.0])).round(4)
    array([0., 2.])
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return relu(input)


class Tanh(_Activation):
    """The hyperbolic tangent.

    >>> import numpy as np
    >>> import nn
    >>> nn.Tanh()(np.array([-1.0, 2.0])).round(4)
    array([-0.7616,  0.964 ])
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return tanh(floating(input))


class Sigmoid(_Activation):
    """1 / (1 + exp(-x)).

    >>> import numpy as np
    >>> import nn
    >>> nn.Sigmoid()(np.array([-1.0, 2.0])).round(4)
    array([0.2689, 0.8808])
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return sigmoid(floating(input))


class ReLU6(_Plain):
    """min(max(x, 0), 6).

    >>> import numpy as np
    >>> import nn
    >>> nn.ReLU6()(np.array([-1.0, 8.0])).round(4)
    array([0., 6.])
    """

    function = F.relu6


class SELU(_Plain):
    """Scaled ELU, which keeps mean 0 and variance 1 (Klambauer et al., 2017).

    >>> import numpy as np
    >>> import nn
    >>> nn.SELU()(np.array([-1.0, 2.0])).round(4)
    array([-1.1113,  2.1014])
    """

    function = F.selu


class SiLU(_Plain):
    """x sigmoid(x), also called swish (Hendrycks & Gimpel, 2016).

    >>> import numpy as np
    >>> import nn
    >>> nn.SiLU()(np.array([-1.0, 2.0])).round(4)
    array([-0.2689,  1.7616])
    """

    function = F.silu


class Mish(_Plain):
    """x tanh(softplus(x)) (Misra, 2019).

    >>> import numpy as np
    >>> import nn
    >>> nn.Mish()(np.array([-1.0, 2.0])).round(4)
    array([-0.3034,  1.944 ])
    """

    function = F.mish


class Hardsigmoid(_Plain):
    """relu6(x + 3) / 6.

    >>> import numpy as np
    >>> import nn
    >>> nn.Hardsigmoid()(np.array([-1.0, 2.0])).round(4)
    array([0.3333, 0.8333])
    """

    function = F.hardsigmoid


class Hardswish(_Plain):
    """x relu6(x + 3) / 6 (Howard et al., 2019).

    >>> import numpy as np
    >>> import nn
    >>> nn.Hardswish()(np.array([-1.0, 2.0])).round(4)
    array([-0.3333,  1.6667])
    """

    function = F.hardswish


class LogSigmoid(_Activation):
    """log(sigmoid(x)).

    >>> import numpy as np
    >>> import nn
    >>> nn.LogSigmoid()(np.array([-1.0, 2.0])).round(4)
    array([-1.3133, -0.1269])
    """

    function = F.logsigmoid


class Softsign(_Activation):
    """x / (1 + abs(x)).

    >>> import numpy as np
    >>> import nn
    >>> nn.Softsign()(np.array([-1.0, 2.0])).round(4)
    array([-0.5   ,  0.6667])
    """

    function = F.softsign


class Tanhshrink(_Activation):
    """x - tanh(x).

    >>> import numpy as np
    >>> import nn
    >>> nn.Tanhshrink()(np.array([-1.0, 2.0])).round(4)
    array([-0.2384,  1.036 ])
    """

    function = F.tanhshrink


class LeakyReLU(_Activation):
    """x where it is positive, else negative_slope x (Maas et al., 2013).

    >>> import numpy as np
    >>> import nn
    >>> nn.LeakyReLU(0.1)(np.array([-1.0, 2.0])).round(4)
    array([-0.1,  2. ])
    """

    function = F.leaky_relu
    settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        del inplace
        self.negative_slope = negative_slope


class ELU(_Activation):
    """x where it is positive, else alpha (exp(x) - 1) (Clevert et al., 2016).

    >>> import numpy as np
    >>> import nn
    >>> nn.ELU()(np.array([-1.0, 2.0])).round(4)
    array([-0.6321,  2.    ])
    """

    function = F.elu
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        del inplace
        self.alpha = alpha


class CELU(_Activation):
    """x where it is positive, else alpha (exp(x/alpha) - 1) (Barron, 2017).

    >>> import numpy as np
    >>> import nn
    >>> nn.CELU(0.5)(np.array([-1.0, 2.0])).round(4)
    array([-0.4323,  2.    ])
    """

    function = F.celu
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        del inplace
        self.alpha = positive("CELU", "alpha", alpha)


class GELU(_Activation):
    """x times the normal distribution function, or its tanh formula for "tanh".

    Hendrycks & Gimpel, 2016, arXiv:1606.08415.

    >>> import numpy as np
    >>> import nn
    >>> nn.GELU()(np.array([-1.0, 2.0])).round(4)
    array([-0.1587,  1.9545])
    """

    function = F.gelu
    settings = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = chosen("GELU", "approximate", approximate, ("none", "tanh"))


class Hardtanh(_Activation):
    """The input between two bounds, a bound beyond it.

    >>> import numpy as np
    >>> import nn
    >>> nn.Hardtanh()(np.array([-1.0, 2.0])).round(4)
    array([-1.,  1.])
    """

    function = F.hardtanh
    settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        del inplace
        self.min_val, self.max_val = bounds("Hardtanh", min_val=min_val, max_val=max_val)


class Hardshrink(_Activation):
    """x where abs(x) > lambd, else 0.

    >>> import numpy as np
    >>> import nn
    >>> nn.Hardshrink(1.5)(np.array([-1.0, 2.0])).round(4)
    array([0., 2.])
    """

    function = F.hardshrink
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd


class Softshrink(_Activation):
    """x moved by lambd towards 0, and 0 where abs(x) <= lambd.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softshrink(1.5)(np.array([-1.0, 2.0])).round(4)
    array([0. , 0.5])
    """

    function = F.softshrink
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = not_negative("Softshrink", "lambd", lambd)


class Softplus(_Activation):
    """log(1 + exp(beta x)) / beta, and x where beta x is above the threshold.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softplus()(np.array([-1.0, 2.0])).round(4)
    array([0.3133, 2.1269])
    """

    function = F.softplus
    settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = positive("Softplus", "beta", beta)
        self.threshold = threshold


class Threshold(_Activation):
    """x where it is above the threshold, else `value`.

    >>> import numpy as np
    >>> import nn
    >>> nn.Threshold(1.0, -7.0)(np.array([-1.0, 2.0])).round(4)
    array([-7.,  2.])
    """

    function = F.threshold
    settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        del inplace
        self.threshold = threshold
        self.value = value


class Softmax(_Activation):
    """exp(x) over its sum along `dim`.

    Without `dim` it goes over the last axis, where PyTorch chooses the first of arrays of one or
    three axes and the second of others.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softmax()(np.array([-1.0, 2.0])).round(4)
    array([0.0474, 0.9526])
    """

    function = F.softmax
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softmin(_Activation):
    """Softmax of -x; its `dim` is that of `Softmax`.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softmin()(np.array([-1.0, 2.0])).round(4)
    array([0.9526, 0.0474])
    """

    function = F.softmin
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class LogSoftmax(_Activation):
    """The logarithm of `Softmax`; its `dim` is that of `Softmax`.

    >>> import numpy as np
    >>> import nn
    >>> nn.LogSoftmax()(np.array([-1.0, 2.0])).round(4)
    array([-3.0486, -0.0486])
    """

    function = F.log_softmax
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class GLU(_Activation):
    """One half along `dim` times the sigmoid of the other (Dauphin et al., 2017).

    >>> import numpy as np
    >>> import nn
    >>> nn.GLU()(np.array([-1.0, 2.0])).round(4)
    array([-0.8808])
    """

    function = F.glu
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softmax2d(Module):
    """Softmax over the channels of images, shape (rows, channels, height, width) or without rows.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softmax2d()(np.zeros((2, 1, 1)))[:, 0, 0]
    array([0.5, 0.5])
    """

    def forward(self, input: Any) -> Any:
        """Any shape of 3 or 4 axes to the same."""
        if np.ndim(input) not in (3, 4):
            raise ValueError(
                f"Softmax2d: an input of shape {np.shape(input)}: give (rows, channels, height, "
                "width) or (channels, height, width)"
            )
        return F.softmax(input, -3)


class PReLU(Module):
    """x where it is positive, else a trained slope times x (He et al., 2015, arXiv:1502.01852).

    Args:
        num_parameters: 1, or the number of channels, each with a slope.
        init: the slope at first.
        dtype: of the slopes.

    >>> import numpy as np
    >>> import nn
    >>> nn.PReLU(dtype=float)(np.array([-1.0, 2.0])).numpy()
    array([-0.25,  2.  ])
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float32
    ) -> None:
        (self.num_parameters,) = sizes("PReLU", num_parameters=num_parameters)
        self.weight = Parameter(np.full(self.num_parameters, init, dtype))

    def forward(self, input: Any) -> Any:
        """Shape (rows, channels, ...) to the same."""
        return F.prelu(layer_input("PReLU", input, self.weight), self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where it is positive, else x times a slope drawn between the bounds while training.

    In evaluation mode the slope is the mean of the bounds (Xu et al., 2015, arXiv:1505.00853).

    >>> import numpy as np
    >>> import nn
    >>> nn.RReLU(0.25, 0.75).eval()(np.array([-1.0, 2.0]))
    array([-0.5,  2. ])
    """

    def __init__(
        self,
        lower: float = 1.0 / 8,
        upper: float = 1.0 / 3,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        del inplace
        self.lower, self.upper = bounds("RReLU", lower=lower, upper=upper)
        generator_or_default(generator)  # an error now rather than in the first step
        self.generator = generator

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.rrelu(input, self.lower, self.upper, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}"
