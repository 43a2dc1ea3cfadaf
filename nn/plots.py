"""Pictures of training, with matplotlib: `pip install 'chainrule[demos]'`.

Every function draws into the axes it is given, or a new figure's, and returns them. Nothing it
is given is changed; models run without recording, in evaluation mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd import Tensor, Value, no_grad

from . import functional as F  # noqa: N812  (the field's name for it)
from .modes import evaluating

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["activations", "decision_boundary", "histograms", "loss_surface"]

# Okabe and Ito's palette, which the colour-blind can tell apart; the classes' marks differ too.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
_MARKS = "os^DvPX*"


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "nn.plots needs matplotlib: pip install 'chainrule[demos]' or pip install matplotlib"
        ) from error
    return plt


def _axes(axes: Axes | None, size: tuple[float, float] = (5.0, 4.0)) -> Axes:
    plt = _pyplot()
    if axes is not None:
        return axes
    _, made = plt.subplots(figsize=size, layout="constrained")
    new: Axes = made
    return new


def decision_boundary(
    model: Callable[[Any], Any],
    x: Any,
    y: Any,
    *,
    history: Iterable[Callable[[Any], Any]] = (),
    resolution: int = 200,
    axes: Axes | None = None,
) -> Axes:
    """What a classifier says about every point of the plane, and how it came to it.

    The regions are coloured by the most likely class, the paler the less sure. Thin lines are
    the boundaries of earlier states of the model, from light to dark.

    Args:
        model: from rows of shape (n, 2) to scores: logits of shape (n, classes), or one number
            for each row, positive for the second class. nn's scalar networks are called with a
            list of two numbers at a time.
        x: points, shape (n, 2).
        y: their classes, integers of shape (n,); or -1 and 1.
        history: the model at earlier times, for instance copies by `copy.deepcopy(model)`.
        resolution: the number of points along each side at which the model is asked.
        axes: where to draw.

    Raises:
        ValueError: for other shapes; ImportError: without matplotlib.

    >>> import numpy as np
    >>> from nn import plots
    >>> x = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> axes = plots.decision_boundary(lambda x: x[:, 0] - x[:, 1], x, [0, 1], resolution=20)
    >>> axes.get_title()
    'decision boundary'
    """
    points, labels = np.asarray(x), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1]:
        raise ValueError(
            f"decision_boundary: points of shape {points.shape} with classes of shape "
            f"{labels.shape}: give (n, 2) and (n,); project data of more features to two first"
        )
    axes = _axes(axes)
    from matplotlib.colors import to_rgb

    xs, ys, grid = _grid(points, resolution)
    sure = _probabilities(model, grid, xs.shape)
    winner, classes = sure.argmax(axis=-1), sure.shape[-1]
    colours = np.array([to_rgb(_COLOURS[i % len(_COLOURS)]) for i in range(classes)])
    certainty = (sure.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    shade = (0.12 + 0.38 * certainty)[..., None]
    image = shade * colours[winner] + (1 - shade)
    box = (xs.min(), xs.max(), ys.min(), ys.max())
    axes.imshow(image, extent=box, origin="lower", aspect="auto", interpolation="bilinear")
    states = [*history]
    for i, state in enumerate(states):
        earlier = _probabilities(state, grid, xs.shape)
        depth = 0.15 + 0.6 * i / max(len(states) - 1, 1)
        _boundary(axes, xs, ys, earlier, color=str(1 - depth), linewidths=0.9)
    _boundary(axes, xs, ys, sure, color="black", linewidths=1.8)
    names = np.unique(labels)
    for i, name in enumerate(names):
        place = i if set(names.tolist()) <= {-1, 1} or name < 0 else int(name)
        mark, colour = _MARKS[place % len(_MARKS)], _COLOURS[place % len(_COLOURS)]
        axes.plot(
            *points[labels == name].T, mark, color=colour, markersize=5, markeredgecolor="white",
            markeredgewidth=0.6, label=f"class {name}",
        )  # fmt: skip
    axes.set(xlim=box[:2], ylim=box[2:], title="decision boundary")
    axes.legend(loc="upper right", fontsize=8, framealpha=0.9)
    return axes


def _grid(points: np.ndarray, resolution: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.12 * np.maximum(high - low, 1e-6)
    sides = [
        np.linspace(a, b, resolution) for a, b in zip(low - margin, high + margin, strict=True)
    ]
    xs, ys = np.meshgrid(*sides)
    dtype = points.dtype if points.dtype.kind == "f" else np.float64
    return xs, ys, np.stack([xs.ravel(), ys.ravel()], axis=1).astype(dtype)


def _probabilities(
    model: Callable[[Any], Any], grid: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """The model's probabilities on the grid, shape (rows, columns, classes)."""
    parameters = model.parameters() if hasattr(model, "parameters") else []
    with no_grad(), evaluating(model):
        if any(isinstance(parameter, Value) for parameter in parameters):
            scores: Any = [_numbers(model(row)) for row in grid.tolist()]
        else:
            dtype = parameters[0].dtype if parameters else grid.dtype
            scores = model(grid.astype(dtype))
    found = scores.data if isinstance(scores, Tensor) else np.asarray(scores, dtype=float)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[0] != len(grid) or not found.shape[1]:
        raise ValueError(
            f"decision_boundary: the model gives shape {np.shape(scores)} for {len(grid)} points: "
            "one number, or one for each class, is needed for each point"
        )
    if found.shape[1] == 1:  # the logit of the second class against the first
        found = np.concatenate([np.zeros_like(found), found], axis=1)
    return np.asarray(autograd.softmax(found, axis=1)).reshape(*shape, -1)


def _numbers(output: Any) -> list[float]:
    return [value.data for value in (output if isinstance(output, list) else [output])]


def _boundary(axes: Axes, xs: np.ndarray, ys: np.ndarray, sure: np.ndarray, **look: Any) -> None:
    """Lines where the most likely class changes."""
    color = look.pop("color")
    classes = sure.shape[-1]
    for i in range(1 if classes == 2 else classes):
        others = np.delete(sure, i, axis=-1).max(axis=-1)
        lead = sure[..., i] - others
        if lead.min() < 0 < lead.max():
            axes.contour(xs, ys, lead, levels=[0.0], colors=[color], **look)


def histograms(model: Any, *, bins: int = 40, axes: Any = None) -> np.ndarray:
    """The distributions of weights and gradients, a row for each layer's parameter.

    Scalar networks have a row for each layer. Gradients are those that the last backward pass
    left; where there are none the right half says so.

    Args:
        model: an object with `named_parameters()`.
        bins: of each histogram.
        axes: an array of axes of shape (rows, 2) to draw into.

    Returns:
        An array of axes, shape (rows, 2): weights on the left, gradients on the right.

    Raises:
        ValueError: for a model without parameters, or axes of another shape.

    >>> import nn
    >>> from nn import plots
    >>> plots.histograms(nn.Linear(3, 2)).shape
    (2, 2)
    """
    groups: dict[str, list[Any]] = {}
    for name, parameter in model.named_parameters():
        layer = re.match(r"(.*?\d+)(\.|$)", name) if isinstance(parameter, Value) else None
        groups.setdefault(layer[1] if layer else name, []).append(parameter)
    if not groups:
        raise ValueError(f"histograms: {type(model).__name__} has no parameters")
    if axes is None:
        _, axes = _pyplot().subplots(
            len(groups), 2, figsize=(7.0, 1.35 * len(groups) + 0.6), squeeze=False,
            layout="constrained",
        )  # fmt: skip
    rows = np.asarray(axes)
    if rows.shape != (len(groups), 2):
        raise ValueError(
            f"histograms: axes of shape {rows.shape} for {len(groups)} rows of weights and "
            f"gradients: give ({len(groups)}, 2)"
        )
    for row, (name, parameters) in zip(rows, groups.items(), strict=True):
        weights = np.concatenate([np.ravel(p.data) for p in parameters])
        gradients = [np.ravel(_plain(p.grad)) for p in parameters if p.grad is not None]
        _histogram(row[0], weights, bins, _COLOURS[0])
        row[0].set_ylabel(f"{name}\n{weights.size:,}", fontsize=8)
        if gradients:
            _histogram(row[1], np.concatenate(gradients), bins, _COLOURS[1])
        else:
            row[1].text(0.5, 0.5, "no gradient", ha="center", va="center", color="0.4")
            row[1].set(xticks=[], yticks=[])
    rows[0, 0].set_title("weights", loc="left", fontsize=11)
    rows[0, 1].set_title("gradients", loc="left", fontsize=11)
    return rows


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, (Tensor, Value)) else x


def _histogram(axes: Axes, numbers: np.ndarray, bins: int, colour: str) -> None:
    finite = numbers[np.isfinite(numbers)]
    axes.hist(finite, bins=bins, color=colour)
    axes.axvline(0.0, color="0.4", linewidth=0.7)
    text = f"mean {finite.mean():.2g}, std {finite.std():.2g}" if finite.size else "none is finite"
    if 0 < finite.size < numbers.size:
        text += f", {numbers.size - finite.size} not finite"
    axes.set_title(text, loc="right", fontsize=8, pad=3)
    axes.tick_params(labelsize=7)
    axes.xaxis.get_offset_text().set_fontsize(7)
    axes.set_yticks([])


def loss_surface(
    model: Any,
    loss: Callable[[], Any],
    *,
    directions: Sequence[Sequence[Any]] | None = None,
    span: float = 1.0,
    resolution: int = 25,
    generator: np.random.Generator | None = None,
    axes: Axes | None = None,
) -> Axes:
    """The loss around the model's parameters, along two directions.

    By default the directions are random, each scaled to the length of the parameter it changes
    (row by row for matrices), so that pictures of different models compare: Li, Xu, Taylor,
    Studer and Goldstein, Visualizing the Loss Landscape of Neural Nets, 2018.

    Args:
        model: an object with `parameters()`, which have their values again afterwards.
        loss: the loss as a function without arguments, as in
            `lambda: criterion(model(x), y)`.
        directions: two sequences with an array (or a number) for each parameter.
        span: how far to go in each direction.
        resolution: the number of steps along each direction.
        generator: a NumPy Generator for the directions.
        axes: where to draw.

    Raises:
        ValueError: for directions that do not fit the parameters.

    >>> import numpy as np
    >>> import nn
    >>> from nn import plots
    >>> model = nn.Linear(2, 1)
    >>> x = np.ones((4, 2), np.float32)
    >>> axes = plots.loss_surface(model, lambda: np.mean(model(x) ** 2), resolution=5)
    >>> axes.get_title()
    'loss surface'
    """
    parameters = list(model.parameters())
    origin = [np.array(parameter.data) for parameter in parameters]
    if directions is None:
        if generator is None:
            generator = np.random.default_rng(0)
        directions = [[_random_direction(p, generator) for p in origin] for _ in range(2)]
    shapes = [p.shape for p in origin]
    if [[np.shape(d) for d in direction] for direction in directions] != [shapes, shapes]:
        raise ValueError(
            "loss_surface: directions must be two sequences with an array for each parameter, of "
            f"shapes {shapes}"
        )
    axes = _axes(axes, (5.4, 4.2))
    steps = np.linspace(-span, span, resolution)
    heights = np.empty((resolution, resolution))
    try:
        with no_grad(), evaluating(model):
            for i, b in enumerate(steps):
                for j, a in enumerate(steps):
                    for p, o, d, e in zip(parameters, origin, *directions, strict=True):
                        _set(p, o + a * np.asarray(d) + b * np.asarray(e))
                    heights[i, j] = float(_plain(loss()))
    finally:
        for parameter, numbers in zip(parameters, origin, strict=True):
            _set(parameter, numbers)
    shown = np.ma.masked_invalid(heights)
    filled = axes.contourf(steps, steps, shown, levels=24, cmap="viridis")
    axes.contour(steps, steps, shown, levels=24, colors="white", linewidths=0.3)
    axes.plot(0.0, 0.0, "o", color="white", markeredgecolor="black", label="the model")
    figure = axes.get_figure()
    if figure is not None:
        figure.colorbar(filled, ax=axes, label="loss")
    axes.set(xlabel="first direction", ylabel="second direction", title="loss surface")
    axes.legend(loc="upper right", fontsize=8)
    return axes


def _random_direction(parameter: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A normal direction, as long as the parameter in each row."""
    direction = np.asarray(generator.normal(size=parameter.shape))
    within = tuple(range(1, parameter.ndim)) or None
    length = np.sqrt(np.sum(direction**2, axis=within, keepdims=True))
    wanted = np.sqrt(np.sum(parameter**2, axis=within, keepdims=True))
    return np.asarray(direction * (wanted / np.maximum(length, 1e-12))).reshape(parameter.shape)


def _set(parameter: Any, numbers: np.ndarray) -> None:
    if isinstance(parameter, Value):
        parameter.data = float(numbers)
    else:
        parameter.data = numbers.astype(parameter.dtype)


def activations(
    *functions: Callable[[Any], Any] | str,
    low: float = -4.0,
    high: float = 4.0,
    axes: Any = None,
) -> np.ndarray:
    """Activation functions, each with its derivative as a dashed line.

    The derivatives are the engine's own.

    Args:
        functions: elementwise functions of Tensors, or names in `nn.functional`; by default
            relu, tanh, sigmoid and softplus.
        low: where the lines begin.
        high: where they end.
        axes: a sequence of axes to draw into, one for each function.

    Returns:
        A one-dimensional array of axes, one for each function.

    Raises:
        ValueError: for a name that nn.functional does not have, a function that changes the
            shape, or another number of axes.

    >>> from nn import plots
    >>> [axes.get_title() for axes in plots.activations("relu", "tanh")]
    ['relu', 'tanh']
    """
    asked = functions or ("relu", "tanh", "sigmoid", "softplus")
    if axes is None:
        columns = min(len(asked), 4)
        rows = -(-len(asked) // columns)
        _, axes = _pyplot().subplots(
            rows, columns, figsize=(2.6 * columns, 2.4 * rows), squeeze=False, layout="constrained"
        )
        for unused in axes.flat[len(asked) :]:
            unused.remove()
    places = np.ravel(axes)[: len(asked)]
    if len(places) != len(asked):
        raise ValueError(f"activations: {len(places)} axes for {len(asked)} functions")
    for place, function in zip(places, asked, strict=True):
        _activation(place, function, np.linspace(low, high, 801))
    places[0].legend(fontsize=8)
    return places


def _activation(axes: Axes, given: Callable[[Any], Any] | str, points: np.ndarray) -> None:
    function = getattr(F, given, None) if isinstance(given, str) else given
    if function is None:
        raise ValueError(f"activations: nn.functional has no {given!r}")
    name = given if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
    x = Tensor(points, requires_grad=True)
    out = function(x)
    if np.shape(out) != points.shape:
        raise ValueError(
            f"activations: {name} gives shape {np.shape(out)} for {points.shape}: give an "
            "elementwise function"
        )
    out.sum().backward()
    axes.axhline(0.0, color="0.7", linewidth=0.7)
    axes.axvline(0.0, color="0.7", linewidth=0.7)
    axes.plot(points, out.data, color=_COLOURS[0], label="function")
    axes.plot(points, x.grad, color=_COLOURS[1], linestyle="--", label="derivative")
    axes.set_title(name)
