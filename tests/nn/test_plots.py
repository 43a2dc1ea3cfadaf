"""Pictures of training: what is drawn, that nothing is changed, and the errors."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn import plots

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


X = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]], np.float32)


def net(classes: int = 2) -> nn.Sequential:
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Linear(2, 8, generator=rng), nn.Tanh(), nn.Linear(8, classes, generator=rng)
    )


# --- decision boundary ------------------------------------------------------------------


def lines(axes: Any) -> list[np.ndarray]:
    """The points of the boundaries, one array for each state that has one."""
    found = [path.vertices for c in axes.collections for path in c.get_paths()]
    return [points for points in found if len(points)]


# The boundary is interpolated linearly between probabilities on a grid in float32.
NEAR = 1e-4


def test_the_boundary_is_where_the_classes_change() -> None:
    axes = plots.decision_boundary(lambda x: x[:, 0] - 0.25, X, [0, 1, 0], resolution=50)
    (points,) = lines(axes)
    assert points[:, 0] == pytest.approx(0.25, abs=NEAR)


def test_regions_have_the_colours_of_the_most_likely_class() -> None:
    axes = plots.decision_boundary(
        lambda x: np.stack([-x[:, 0], x[:, 0]], axis=1) * 9, X, [0, 1, 0], resolution=20
    )
    image = np.asarray(axes.get_images()[0].get_array())
    left, right = image[10, 0], image[10, -1]
    assert left[2] > left[0]  # blue
    assert right[0] > right[2]  # orange


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_models_of_any_number_of_classes(classes: int) -> None:
    axes = plots.decision_boundary(net(classes), X, [0, 1, 0], resolution=15)
    assert axes.get_legend_handles_labels()[1] == ["class 0", "class 1"]


def test_each_earlier_state_is_a_line() -> None:
    def state(shift: float) -> Any:
        return lambda x: x[:, 0] - shift

    states = [state(s) for s in (-0.5, -0.25, 0.25)]
    axes = plots.decision_boundary(state(0.5), X, [0, 1, 0], history=states, resolution=30)
    places = [line[0, 0] for line in lines(axes)]
    assert places == pytest.approx([-0.5, -0.25, 0.25, 0.5], abs=NEAR)


@pytest.mark.parametrize("earlier", [1, 2, 5])
def test_earlier_states_go_from_light_to_dark(earlier: int) -> None:
    def state(shift: float) -> Any:
        return lambda x: x[:, 0] - shift

    shifts = np.linspace(-0.5, 0.5, earlier + 1)
    states = [state(shift) for shift in shifts]
    axes = plots.decision_boundary(states[-1], X, [0, 1, 0], history=states[:-1], resolution=30)
    assert [line[0, 0] for line in lines(axes)] == pytest.approx(shifts, abs=NEAR)
    colours = [tuple(c.get_edgecolor()[0]) for c in axes.collections]
    assert all(red == green == blue for red, green, blue, _ in colours)
    greys = [red for red, *_ in colours]
    assert greys == sorted(set(greys), reverse=True)  # each darker than the one before
    assert greys[0] > 0.8
    assert greys[-1] == 0


def shade(*logits: float) -> float:
    """How much of its colour the first class has where the model gives these logits."""
    axes = plots.decision_boundary(
        lambda x: np.tile(np.array(logits), (len(x), 1)), X, [0, 1, 0], resolution=4
    )
    image = np.asarray(axes.get_images()[0].get_array())
    colour = np.array([0, 0x72 / 255, 0xB2 / 255])
    share = (1 - image[1, 2]) / (1 - colour)  # mixed with white
    assert share == pytest.approx(share[0], rel=1e-9)
    return float(share[0])


def test_regions_are_paler_the_less_sure_the_model_is() -> None:
    """From no more sure than by chance to certain, whatever the number of classes."""
    least, most = shade(0.0, 0.0), shade(40.0, 0.0)
    assert 0 < least < 0.5 * most < 0.5
    assert shade(0.0, 0.0, 0.0) == pytest.approx(least, rel=1e-9)
    assert shade(40.0, 0.0, 0.0) == pytest.approx(most, rel=1e-9)
    halfway = (least + most) / 2
    assert shade(np.log(3), 0.0) == pytest.approx(halfway, rel=1e-9)  # 3/4, between 1/2 and 1
    assert shade(np.log(4), 0.0, 0.0) == pytest.approx(halfway, rel=1e-9)  # 2/3, from 1/3 to 1


def test_scalar_networks_and_classes_of_minus_one_and_one() -> None:
    random.seed(0)
    axes = plots.decision_boundary(nn.MLP(2, [3, 1]), X, [-1, 1, 1], resolution=6)
    assert axes.get_legend_handles_labels()[1] == ["class -1", "class 1"]


def test_given_axes_are_drawn_into() -> None:
    _, mine = plt.subplots()
    assert plots.decision_boundary(net(), X, [0, 1, 0], resolution=5, axes=mine) is mine


@pytest.mark.parametrize(("x", "y"), [(np.ones((3, 3)), [0, 1, 0]), (X, [0, 1]), (X[0], [0, 1])])
def test_points_have_two_coordinates_and_a_class(x: Any, y: Any) -> None:
    with pytest.raises(ValueError, match=r"decision_boundary: points of shape .*give \(n, 2\)"):
        plots.decision_boundary(net(), x, y)


def test_a_model_that_gives_another_number_of_rows() -> None:
    with pytest.raises(ValueError, match="the model gives shape"):
        plots.decision_boundary(lambda x: x[:7, 0], X, [0, 1, 0], resolution=5)


# --- histograms -------------------------------------------------------------------------


def test_histograms_count_every_weight_and_gradient() -> None:
    model = net()
    model(X).sum().backward()
    axes = plots.histograms(model, bins=7)
    assert axes.shape == (4, 2)
    for row, parameter in zip(axes, model.parameters(), strict=True):
        for place in row:
            assert sum(bar.get_height() for bar in place.patches) == parameter.size
    assert axes[0, 0].get_ylabel() == "0.weight\n16"


def test_without_gradients_the_right_half_says_so() -> None:
    axes = plots.histograms(net())
    assert all(place.texts[0].get_text() == "no gradient" for place in axes[:, 1])


def test_scalar_networks_have_a_row_for_each_layer() -> None:
    axes = plots.histograms(nn.MLP(2, [4, 1]))
    assert [place.get_ylabel() for place in axes[:, 0]] == ["layers.0\n12", "layers.1\n5"]


def test_numbers_that_are_not_finite_are_counted() -> None:
    model = nn.Linear(2, 2, bias=False)
    model.weight.data = np.array([[1.0, np.nan], [np.inf, 2.0]], np.float32)
    axes = plots.histograms(model)
    assert axes[0, 0].get_title(loc="right").endswith("2 not finite")


def test_histograms_need_parameters_and_axes_that_fit() -> None:
    with pytest.raises(ValueError, match="histograms: ReLU has no parameters"):
        plots.histograms(nn.ReLU())
    with pytest.raises(ValueError, match=r"axes of shape \(1, 2\) for 4 rows"):
        plots.histograms(net(), axes=plt.subplots(1, 2, squeeze=False)[1])


# --- the loss surface -------------------------------------------------------------------


def test_the_surface_has_the_losses_along_the_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Linear(2, 1, bias=False)
    model.weight.data = np.array([[1.0, 2.0]], np.float32)
    seen: list[tuple[float, ...]] = []

    def loss() -> Any:
        seen.append(tuple(model.weight.data.ravel().tolist()))
        return (model.weight * model.weight).sum()

    directions = [[np.array([[1.0, 0.0]])], [np.array([[0.0, 1.0]])]]
    plots.loss_surface(model, loss, directions=directions, resolution=3)
    assert seen == [(a, b) for b in (1.0, 2.0, 3.0) for a in (0.0, 1.0, 2.0)]
    assert model.weight.data.tolist() == [[1.0, 2.0]]
    assert not autograd.Tensor(1.0).requires_grad


def test_random_directions_have_the_length_of_the_rows_they_change() -> None:
    weight = np.array([[3.0, 4.0], [0.0, 0.0]])
    direction = plots._random_direction(weight, np.random.default_rng(0))
    assert np.linalg.norm(direction, axis=1) == pytest.approx([5.0, 0.0])


def test_a_failing_loss_leaves_the_parameters_as_they_were() -> None:
    model, before = net(), [p.data.copy() for p in net().parameters()]

    def loss() -> Any:
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError):
        plots.loss_surface(model, loss)
    for parameter, old in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.data, old)


def test_surfaces_of_scalar_networks() -> None:
    random.seed(0)
    model = nn.MLP(2, [2, 1])
    before = [p.data for p in model.parameters()]
    axes = plots.loss_surface(model, lambda: (model([1.0, 2.0]) - 1) ** 2, resolution=4)
    assert axes.get_xlabel() == "first direction"
    assert [p.data for p in model.parameters()] == before


def test_directions_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"loss_surface: directions must be two .*\(8, 2\)"):
        plots.loss_surface(net(), lambda: 0.0, directions=[[np.ones(3)], [np.ones(3)]])


# --- activations ------------------------------------------------------------------------


def test_activations_and_their_derivatives() -> None:
    (axes,) = plots.activations("tanh")
    function, slope = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
    x = function.get_xdata()
    np.testing.assert_allclose(function.get_ydata(), np.tanh(x))
    np.testing.assert_allclose(slope.get_ydata(), 1 - np.tanh(x) ** 2)


def test_own_functions_have_their_names() -> None:
    def swish(x: Any) -> Any:
        return x * autograd.sigmoid(x)

    assert [a.get_title() for a in plots.activations(swish, nn.Tanh())] == ["swish", "Tanh"]


def test_what_is_no_activation() -> None:
    with pytest.raises(ValueError, match=r"activations: nn\.functional has no 'rule'"):
        plots.activations("rule")
    with pytest.raises(ValueError, match=r"activations: <lambda> gives shape \(\)"):
        plots.activations(lambda x: x.sum())
    with pytest.raises(ValueError, match="activations: 1 axes for 2 functions"):
        plots.activations("relu", "tanh", axes=plt.subplots()[1])


# --- without matplotlib -----------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.decision_boundary(net(), X, [0, 1, 0], resolution=5),
        lambda: plots.histograms(net()),
        lambda: plots.loss_surface(net(), lambda: 0.0),
        lambda: plots.activations(),
    ],
)
def test_without_matplotlib_the_error_says_how_to_install_it(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"nn\.plots needs matplotlib: pip install"):
        call()


def test_running_moments_stay_as_they_are() -> None:
    """A model in training mode would change them with every run."""
    norm = nn.BatchNorm1d(2)
    model, x = nn.Sequential(norm, nn.Linear(2, 1)), np.ones((4, 2), np.float32)
    plots.loss_surface(model, lambda: (model(x) ** 2).mean(), resolution=3)
    plots.decision_boundary(model, x + np.arange(4.0)[:, None], [0, 1, 0, 1], resolution=5)
    assert norm.running_mean.tolist() == [0.0, 0.0]
    assert norm.training
