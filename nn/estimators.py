"""Networks as scikit-learn estimators, with the arguments of scikit-learn's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np

from autograd import no_grad, square
from autograd import sum as sum_of

from . import functional as F  # noqa: N812
from . import optim
from .activations import ReLU, Sigmoid, Tanh
from .containers import Sequential
from .layers import Identity, Linear
from .module import Module
from .settings import at_least_zero, positive_integer
from .training import fit

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "nn.MLPClassifier and nn.MLPRegressor need scikit-learn 1.6 or later: "
        "pip install 'chainrule[sklearn]'"
    ) from error

_ACTIVATIONS = {"relu": ReLU, "tanh": Tanh, "logistic": Sigmoid, "identity": Identity}
_SOLVERS = ("adam", "sgd", "lbfgs")


class _Network(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What the two estimators share. `model_` is the `nn.Sequential` they train."""

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train on rows X and their classes or targets y.

        Raises:
            TypeError, ValueError: for arguments or data that do not fit; NonFiniteError: for a
                training that diverges. The estimator stays as it was then.
        """
        self._check_arguments()
        before = self.__dict__.copy()
        try:
            self._fit(X, y)
        except BaseException:
            self.__dict__ = before
            raise
        return self

    def _fit(self, X: Any, y: Any) -> None:  # noqa: N803
        raise NotImplementedError(f"{type(self).__name__} defines no _fit")

    def _hidden(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        name = type(self).__name__, "hidden_layer_sizes"
        return [positive_integer(*name, n) for n in (sizes if np.iterable(sizes) else [sizes])]

    def _check_arguments(self) -> None:
        name = type(self).__name__
        for argument, known in (("activation", _ACTIVATIONS), ("solver", _SOLVERS)):
            if getattr(self, argument) not in known:
                raise ValueError(
                    f"{name}: {argument} {getattr(self, argument)!r:.60} is unknown: use one of "
                    f"{', '.join(known)}"
                )
        self._hidden()
        for argument in ("alpha", "learning_rate_init", "tol"):
            at_least_zero(name, argument, getattr(self, argument))
        for argument in ("max_iter", "n_iter_no_change"):
            positive_integer(name, argument, getattr(self, argument))
        if not (isinstance(self.batch_size, str) and self.batch_size == "auto"):
            positive_integer(name, "batch_size", self.batch_size)

    def _train(self, x: np.ndarray, y: np.ndarray, outputs: int, loss: Any) -> None:
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=4)
        generator = np.random.default_rng(seeds)
        modules: list[Module] = []
        for i, o in pairwise([x.shape[1], *self._hidden(), outputs]):
            layer = Linear(i, o, generator=generator, dtype=x.dtype)
            modules += [layer, _ACTIVATIONS[self.activation]()]
        model = Sequential(*modules[:-1])
        rows = min(200 if self.batch_size == "auto" else int(self.batch_size), len(x))
        if self.solver == "lbfgs":
            rows = len(x)
        optimizer, loss = self._optimizer(model, loss, self.alpha / rows)
        history = fit(
            model, (x, y), loss, optimizer, self.max_iter, batch_size=rows, seed=generator,
            patience=self.n_iter_no_change, min_delta=self.tol, progress=False,
        )  # fmt: skip
        if "loss" not in history:
            raise KeyboardInterrupt  # which ended the first epoch
        self.model_ = model.eval()
        self.loss_curve_ = history["loss"]
        self.loss_ = history["loss"][-1]
        self.n_iter_ = history.epochs

    def _optimizer(self, model: Module, loss: Any, decay: float) -> tuple[optim.Optimizer, Any]:
        """The optimiser, and the loss with the penalty."""
        weights = [p for p in model.parameters() if p.ndim > 1]
        biases = [p for p in model.parameters() if p.ndim == 1]
        rate = self.learning_rate_init
        groups = [{"params": weights, "weight_decay": decay}, {"params": biases}]
        optimizer: optim.Optimizer
        if self.solver == "adam":
            optimizer = optim.Adam(groups, lr=rate)
        elif self.solver == "sgd":
            optimizer = optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)
        else:
            optimizer = optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")

        def penalised(output: Any, target: Any) -> Any:
            # The decay is its gradient already, but it counts in what has to get lower by tol.
            recorded = isinstance(optimizer, optim.LBFGS)
            squares = sum(sum_of(square(w if recorded else w.data)) for w in weights)
            return loss(output, target) + decay / 2 * squares

        return optimizer, penalised

    def _forward(self, X: Any) -> np.ndarray:  # noqa: N803
        check_is_fitted(self)
        x = validate_data(self, X, reset=False, dtype=self.model_[0].weight.dtype)
        with no_grad():
            output: np.ndarray = self.model_(x).numpy()
        return output


class MLPClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A classifier: linear layers with activations between them, softmax, cross-entropy.

    Args:
        hidden_layer_sizes: the units of each hidden layer, or of the only one.
        activation: "relu", "tanh", "logistic" or "identity".
        solver: "adam", "sgd" (with Nesterov momentum 0.9) or "lbfgs" (all rows at once).
        alpha: of the L2 penalty alpha / 2 times the squares of the weights, for each batch.
        batch_size: rows in a batch, or all where there are fewer; "auto" is 200.
        learning_rate_init: the learning rate of adam and sgd.
        max_iter: how many epochs at most.
        tol: by how much the loss of an epoch has to be lower to count.
        n_iter_no_change: it ends after so many epochs that do not count.
        random_state: a seed, a RandomState, or None.

    >>> import numpy as np
    >>> import nn
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["a", "a", "b", "b"])
    >>> nn.MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y).predict([[0.2], [2.8]])
    array(['a', 'b'], dtype='<U1')
    """

    def _fit(self, X: Any, y: Any) -> None:  # noqa: N803
        x, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._train(x, labels, len(self.classes_), F.cross_entropy)

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """The probability of each class, shape (rows, classes)."""
        probabilities: np.ndarray = F.softmax(self._forward(X))
        return probabilities

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The most likely class of each row."""
        places = self._forward(X).argmax(axis=1)
        classes: np.ndarray = self.classes_[places]
        return classes


class MLPRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A regressor: linear layers with activations between them, half the squared error.

    Arguments as those of `MLPClassifier`; the targets are one number for each row, or several.

    >>> import numpy as np
    >>> import nn
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> y = X.ravel() ** 2
    >>> model = nn.MLPRegressor((16,), "tanh", solver="lbfgs", random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.99)
    True
    """

    def _fit(self, X: Any, y: Any) -> None:  # noqa: N803
        x, y = validate_data(
            self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True
        )
        self._columns = y.ndim > 1
        targets = y.reshape(len(y), -1).astype(x.dtype)
        self._train(x, targets, targets.shape[1], _half_squared_error)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The prediction for each row, in the shape of the targets."""
        output = self._forward(X)
        return output if self._columns else output.ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _half_squared_error(output: Any, target: Any) -> Any:
    return F.mse_loss(output, target) / 2
