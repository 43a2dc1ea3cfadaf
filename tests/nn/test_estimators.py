"""The estimators by scikit-learn's own checks, and beside its networks."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import nn

from ..autograd.helpers import refuses

pytest.importorskip("sklearn", reason="the estimators are for scikit-learn")

from sklearn import neural_network
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

KINDS = [nn.MLPClassifier, nn.MLPRegressor]


@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learns_checks(kind: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about checks skipped for want of pandas
        results = check_estimator(kind((16,), learning_rate_init=0.02, max_iter=60), on_fail=None)
    failed = [(r["check_name"], r["exception"]) for r in results if r["status"] == "failed"]
    assert failed == []
    assert sum(r["status"] == "passed" for r in results) > 40


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_they_learn(solver: str) -> None:
    rate = 0.05 if solver == "sgd" else 0.01
    settings: dict[str, Any] = {
        "solver": solver, "learning_rate_init": rate, "random_state": 0, "max_iter": 100
    }  # fmt: skip
    x, y = load_iris(return_X_y=True)
    names = np.array(["a", "b", "c"])[y]
    classifier = make_pipeline(StandardScaler(), nn.MLPClassifier((16,), **settings))
    assert cross_val_score(classifier, x, names, cv=3).mean() > 0.93
    x, y = load_diabetes(return_X_y=True)
    regressor = nn.MLPRegressor((8,), "tanh", alpha=1.0, **settings)
    y = (y - y.mean()) / y.std()
    model = make_pipeline(StandardScaler(), regressor).fit(x, y)
    assert model.score(x, y) > 0.45


@pytest.mark.parametrize(("solver", "steps"), [("lbfgs", 50), ("sgd", 300), ("adam", 600)])
def test_the_penalty_is_that_of_ridge_regression(solver: str, steps: int) -> None:
    """Without a hidden layer: (X'X + alpha I) w = X'y of centred columns, and a free bias.

    L-BFGS ends where the loss changes by less than 1e-9, half the square of what is left of the
    way to a minimum of curvature 1: to 5e-5.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    y = x @ [1.0, -2.0, 0.5] + 5 + 0.1 * rng.normal(size=40)
    centred = x - x.mean(0)
    w = np.linalg.solve(centred.T @ centred + 20 * np.eye(3), centred.T @ (y - y.mean()))
    model = nn.MLPRegressor(
        (), "identity", solver=solver, alpha=20.0, learning_rate_init=0.1, max_iter=steps, tol=0.0,
        n_iter_no_change=steps, random_state=0,
    ).fit(x, y)  # fmt: skip
    np.testing.assert_allclose(model.model_[0].weight.data, w[None], rtol=0, atol=5e-5)
    bias = y.mean() - x.mean(0) @ w
    np.testing.assert_allclose(model.model_[0].bias.data, [bias], rtol=0, atol=5e-5)


def test_one_seed_one_network_and_pickles() -> None:
    x, y = load_iris(return_X_y=True)
    a, b, c = (nn.MLPClassifier((5,), max_iter=5, random_state=s).fit(x, y) for s in (0, 0, 1))
    np.testing.assert_array_equal(a.predict_proba(x), b.predict_proba(x))
    assert not np.array_equal(a.predict_proba(x), c.predict_proba(x))
    twin = pickle.loads(pickle.dumps(a))
    np.testing.assert_array_equal(twin.predict_proba(x), a.predict_proba(x))
    assert isinstance(a.model_, nn.Sequential)
    assert len(a.loss_curve_) == a.n_iter_ == 5


def test_float32_and_several_targets() -> None:
    x = np.linspace(-1, 1, 30, dtype=np.float32)[:, None]
    y = np.concatenate([x, x**2], 1)
    model = nn.MLPRegressor((16,), "tanh", solver="lbfgs", random_state=0).fit(x, y)
    assert model.predict(x).shape == (30, 2)
    assert model.predict(x).dtype == np.float32
    assert model.score(x, y) > 0.98


@pytest.mark.parametrize(
    ("argument", "wrong"),
    [("activation", ["gelu"]), ("solver", ["newton"]), ("alpha", [-1.0, "a"]),
     ("batch_size", [0, -1, 2.7, "foo", None]), ("tol", [-1, None]), ("max_iter", [0, 1.5]),
     ("n_iter_no_change", [0]), ("learning_rate_init", [-0.1, np.nan]),
     ("hidden_layer_sizes", [0, (4, -1), (2.5,), None])],
)  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_refusals(kind: Any, argument: str, wrong: list[Any]) -> None:
    for value in wrong:
        for solver in ("adam", "lbfgs"):
            settings = {"solver": solver, argument: value}
            with refuses((TypeError, ValueError), f"{kind.__name__}: {argument}"):
                kind(**settings).fit([[0.0], [1.0]], [0, 1])


def test_one_hidden_layer_as_a_number() -> None:
    x, y = load_iris(return_X_y=True)
    a, b = (nn.MLPClassifier(n, max_iter=3, random_state=0).fit(x, y) for n in (8, (8,)))
    np.testing.assert_array_equal(a.predict_proba(x), b.predict_proba(x))


# --- a training that fails ---------------------------------------------------------------


def test_a_refit_that_fails_leaves_the_estimator_as_it_was() -> None:
    x, y = load_iris(return_X_y=True)
    model = nn.MLPClassifier((4,), max_iter=3, random_state=0).fit(x, y)
    before = model.predict_proba(x)
    model.set_params(batch_size=0)
    with refuses(ValueError, "batch_size"):
        model.fit(x[:, :2], y == 0)
    model.set_params(batch_size="auto", learning_rate_init=1e300)
    with np.errstate(all="ignore"), pytest.raises((ValueError, ArithmeticError)):
        model.fit(x[:, :2], y == 0)
    assert model.n_features_in_ == 4
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    np.testing.assert_array_equal(model.predict_proba(x), before)


def test_weights_that_are_not_finite() -> None:
    """After the only step, whose loss was."""
    x = np.linspace(-1, 1, 20)[:, None]
    model = nn.MLPRegressor(
        (4,), learning_rate_init=1e308, max_iter=1, random_state=0, solver="sgd"
    )
    with np.errstate(all="ignore"), refuses(nn.NonFiniteError, "weights after", "lower the"):
        model.fit(1e3 * x, 1e5 * x.ravel())
    assert not hasattr(model, "model_")


def test_an_interruption_in_the_first_epoch() -> None:
    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    model = nn.MLPClassifier((4,), max_iter=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.functional, "cross_entropy", interrupt)
        with pytest.raises(KeyboardInterrupt):
            model.fit([[0.0], [1.0]], [0, 1])
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_penalty_makes_the_weights_smaller(solver: str) -> None:
    x, y = load_iris(return_X_y=True)
    sizes = []
    for alpha in (0.0, 100.0):
        model = nn.MLPClassifier((8,), solver=solver, alpha=alpha, max_iter=60, random_state=0)
        model.set_params(learning_rate_init=0.02).fit(x, y)
        sizes.append(sum(float((p.data**2).sum()) for p in model.model_.parameters()))
    assert sizes[1] < 0.5 * sizes[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_larger_than_the_data_keeps_the_penalty(kind: Any) -> None:
    """As scikit-learn's: the weights get as small as theirs, within the luck of the start."""
    x, y = load_iris(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    settings = {
        "hidden_layer_sizes": (20,), "alpha": 10.0, "batch_size": 100_000, "max_iter": 500,
        "learning_rate_init": 0.01, "random_state": 0,
    }  # fmt: skip
    ours = kind(**settings).fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the size of the batch
        theirs = getattr(neural_network, kind.__name__)(**settings).fit(x, y)
    norms = [
        sum(float((w**2).sum()) for w in weights) ** 0.5
        for weights in ([p.data for p in ours.model_.parameters() if p.ndim > 1], theirs.coefs_)
    ]
    assert norms[0] == pytest.approx(norms[1], rel=0.1)
