"""fit: what it computes, how it ends, and that it can be resumed to the last bit."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.history import History

from ..autograd.helpers import refuses
from ..autograd.strategies import Array

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype(np.float32)
Y = (X @ rng.normal(size=(4, 3))).argmax(1)
DATA = X[:48], Y[:48]
HELD_OUT = X[48:], Y[48:]


def model(dropout: float = 0.2) -> nn.Sequential:
    generator = np.random.default_rng(1)
    return nn.Sequential(
        nn.Linear(4, 8, generator=generator), nn.Tanh(), nn.Dropout(dropout),
        nn.Linear(8, 3, generator=generator),
    )  # fmt: skip


def fitted(epochs: int = 3, seed: Any = 0, net: Any = None, **settings: Any) -> tuple[Any, History]:
    net = model() if net is None else net
    optimizer = settings.pop("optimizer", None) or nn.optim.Adam(net.parameters(), lr=0.02)
    data = settings.pop("data", DATA)
    loss = settings.pop("loss", nn.CrossEntropyLoss())
    return net, nn.fit(
        net, data, loss, optimizer, epochs, seed=seed, **{"batch_size": 10, **settings}
    )


def weights(net: nn.Module) -> Array:
    return np.concatenate([x.ravel() for x in net.state_dict().values()])


# --- what it computes --------------------------------------------------------------------


def test_the_steps_are_those_of_a_loop_by_hand() -> None:
    net, history = fitted(2, net=model(0.0), batch_size=10)
    other = model(0.0)
    optimizer = nn.optim.Adam(other.parameters(), lr=0.02)
    generator, losses = np.random.default_rng(0), []
    for _ in range(2):
        order = np.arange(48)
        generator.shuffle(order)
        total = 0.0
        for start in range(0, 48, 10):
            rows = order[start : start + 10]
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(other(DATA[0][rows]), DATA[1][rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / 48)
    np.testing.assert_array_equal(weights(net), weights(other))
    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    assert history.stopped == "epochs"


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 48), (10, 5), (48, 1), (None, 1), (99, 1)])
def test_the_batch_size_is_the_kind_of_descent(batch_size: Any, steps: int) -> None:
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    fitted(1, net=net, optimizer=optimizer, batch_size=batch_size)
    assert optimizer.state_dict()["state"][0]["step"] == steps


def test_one_seed_one_result_and_the_packages_generator_is_left_alone() -> None:
    nn.manual_seed(1)
    expected = nn.Linear(2, 2).weight.tolist()
    nn.manual_seed(1)
    first, second, other = (weights(fitted(seed=s)[0]) for s in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    assert nn.Linear(2, 2).weight.tolist() == expected
    nn.manual_seed(5)
    by_package = weights(fitted(seed=None)[0])
    nn.manual_seed(5)
    np.testing.assert_array_equal(weights(fitted(seed=None)[0]), by_package)


def test_validation_and_metrics() -> None:
    net, history = fitted(
        4, validation=HELD_OUT, metrics={"right": nn.metrics.accuracy}, progress=False
    )
    assert list(history.columns) == ["loss", "right", "val_loss", "val_right", "lr"]
    assert net.training
    net.eval()
    output = net(HELD_OUT[0])
    assert history["val_loss"][-1] == pytest.approx(
        nn.CrossEntropyLoss()(output, HELD_OUT[1]).item(), rel=1e-6
    )
    assert history["val_right"][-1] == nn.metrics.accuracy(output, HELD_OUT[1])
    assert fitted(1, metrics=["accuracy", "f1"])[1].last.keys() == {"loss", "accuracy", "f1", "lr"}


def test_validation_changes_nothing() -> None:
    np.testing.assert_array_equal(weights(fitted(validation=HELD_OUT)[0]), weights(fitted()[0]))


def test_a_loader_of_ones_own_and_several_inputs() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(4, 3, generator=np.random.default_rng(0))

        def forward(self, a: Any, b: Any) -> Any:
            return self.layer(a) + self.layer(b)

    loader = nn.DataLoader((X, X, Y), 20, shuffle=True, generator=np.random.default_rng(2))
    net = Both()
    _, history = fitted(5, net=net, data=loader)
    assert history["loss"][-1] < history["loss"][0]
    fitted(1, net=net, data=(X, X, Y), validation=(X, X, Y))


def test_lbfgs() -> None:
    net = model(0.0)
    optimizer = nn.optim.LBFGS(net.parameters(), line_search_fn="strong_wolfe")
    _, history = fitted(5, net=net, optimizer=optimizer, batch_size=None, clip_norm=10.0)
    assert history["loss"][-1] < 0.05


def test_clipping() -> None:
    seen: list[float] = []

    class Spy(nn.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            seen.append(
                float(np.linalg.norm(np.concatenate([p.grad.ravel() for p in self.params])))
            )
            return super().step(closure)

    net = model()
    fitted(1, net=net, optimizer=Spy(net.parameters()), clip_norm=0.01)
    assert max(seen) <= 0.01 * (1 + 1e-6)
    seen.clear()
    net = model()
    fitted(1, net=net, optimizer=Spy(net.parameters()), clip_value=1e-4)
    assert max(seen) <= 1e-4 * np.sqrt(weights(net).size) * (1 + 1e-6)


@pytest.mark.parametrize(("every", "rate"), [("epoch", 0.25), ("batch", 0.5**10)])
def test_schedules(every: str, rate: float) -> None:
    net = model()
    optimizer = nn.optim.SGD(net.parameters(), lr=1.0)
    scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    _, history = fitted(2, net=net, optimizer=optimizer, scheduler=scheduler, scheduler_every=every)
    assert optimizer.lr == rate
    assert history["lr"][0] == (1.0 if every == "epoch" else 0.5**5)


def test_a_plateau_gets_the_monitored_number() -> None:
    net = model()
    optimizer = nn.optim.SGD(net.parameters(), lr=0.0)
    scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    fitted(4, net=net, optimizer=optimizer, scheduler=scheduler, validation=HELD_OUT)
    assert scheduler.best == pytest.approx(float(nn.CrossEntropyLoss()(
        net.eval()(HELD_OUT[0]), HELD_OUT[1]).data), rel=1e-6)  # fmt: skip


# --- how it ends -------------------------------------------------------------------------


class Planned(nn.Module):
    """A model whose validation loss follows a plan: the epoch is counted in evaluation mode."""

    def __init__(self, plan: list[float]) -> None:
        self.w = nn.Parameter([0.0])
        self.plan = plan
        self.epoch = 0

    def forward(self, x: Any) -> Any:
        if self.training:
            return self.w * x
        self.epoch += 1
        return np.full(x.shape, self.plan[self.epoch - 1])


def planned(plan: list[float], **settings: Any) -> tuple[Any, History]:
    net = Planned(plan)
    data = np.ones((1, 1)), np.ones((1, 1))
    optimizer = nn.optim.SGD([net.w], lr=0.01)
    return net, nn.fit(
        net, data, lambda out, y: ((out - y) ** 2).sum() if net.training else out.sum(),
        optimizer, len(plan), validation=data, **settings,
    )  # fmt: skip


def test_early_stopping_and_the_best_weights() -> None:
    plan = [5.0, 4.0, 3.0, 3.5, 3.0, 2.95, 9.0]
    net, history = planned(plan, patience=3)
    assert (history.stopped, history.epochs, history.best_epoch) == ("epochs", 7, 6)
    net, history = planned(plan, patience=3, min_delta=0.1)
    assert (history.stopped, history.epochs, history.best_epoch) == ("early stopping", 6, 3)
    after = [float(planned(plan[:n])[0].w.data[0]) for n in (3, 6)]
    assert net.w.item() == after[1]
    best, _ = planned(plan, patience=3, min_delta=0.1, restore_best=True)
    assert best.w.item() == after[0]


def test_a_number_that_is_nan_is_never_the_best() -> None:
    net, history = planned([np.nan, 3.0, 4.0, np.nan, 5.0], patience=4, restore_best=True)
    assert (history.best_epoch, history.stopped) == (2, "epochs")
    assert net.w.item() == planned([1.0, 1.0])[0].w.item()
    assert planned([np.nan, np.nan], restore_best=True)[1].best_epoch == 0


@pytest.mark.parametrize("metrics", ["accuracy", nn.metrics.accuracy, ["accuracy"]])
def test_a_metric_alone(metrics: Any) -> None:
    _, history = fitted(1, metrics=metrics, validation=HELD_OUT)
    assert set(history.last) == {"loss", "accuracy", "val_loss", "val_accuracy", "lr"}


def test_more_may_be_better() -> None:
    net = model()
    _, history = fitted(3, net=net, metrics=["accuracy"], monitor="accuracy")
    assert history["accuracy"][history.best_epoch - 1] == max(history["accuracy"])
    _, history = planned([1.0, 3.0, 2.0], mode="max")
    assert history.best_epoch == 2


def test_callbacks() -> None:
    seen: list[int] = []

    def call(history: History) -> bool:
        seen.append(history.epochs)
        return history.epochs == 2

    _, history = fitted(5, callbacks=[call, lambda history: history.last])
    assert seen == [1, 2]
    assert history.stopped == "callback"
    _, history = fitted(5, callbacks=[lambda history: np.less(history["loss"][-1], 100.0)])
    assert (history.epochs, history.stopped) == (1, "callback")


def test_ctrl_c_ends_after_the_batch_and_returns_the_history() -> None:
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    loss, calls = nn.CrossEntropyLoss(), []

    def counted(output: Any, target: Any) -> Any:
        calls.append(1)
        if len(calls) == 7:
            os.kill(os.getpid(), signal.SIGINT)
        return loss(output, target)

    before = signal.getsignal(signal.SIGINT)
    _, history = fitted(5, net=net, optimizer=optimizer, loss=counted)
    assert signal.getsignal(signal.SIGINT) is before
    assert history.stopped == "interrupted"
    assert history.epochs == 1
    assert {s["step"] for s in optimizer.state_dict()["state"].values()} == {7}


def test_a_second_ctrl_c_ends_at_once() -> None:
    def insist(output: Any, target: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return nn.CrossEntropyLoss()(output, target)

    with pytest.raises(KeyboardInterrupt):
        fitted(5, loss=insist)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interruption_in_a_callback_and_in_another_thread() -> None:
    def stop(history: History) -> None:
        raise KeyboardInterrupt

    found: list[History] = []
    thread = threading.Thread(target=lambda: found.append(fitted(3, callbacks=[stop])[1]))
    thread.start()
    thread.join()
    assert (found[0].stopped, found[0].epochs) == ("interrupted", 1)


# --- what is not finite ------------------------------------------------------------------


def test_nan_in_the_data() -> None:
    x = DATA[0].copy()
    x[13, 2] = np.nan
    net = model(0.0)
    loader = nn.DataLoader((x, DATA[1]), 10)
    with pytest.raises(nn.NonFiniteError) as caught:
        fitted(3, net=net, data=loader)
    error = caught.value
    assert (error.epoch, error.index, error.history.epochs) == (1, 1, 0)
    np.testing.assert_array_equal(error.batch[0], x[10:20])
    assert "clean the data" in str(error)
    assert pickle.loads(pickle.dumps(error)).epoch == 1
    expected = fitted(1, net=model(0.0), data=nn.DataLoader((x[:10], DATA[1][:10]), 10))[0]
    np.testing.assert_array_equal(weights(net), weights(expected))  # of the batch before
    assert all(p.grad is None for p in net.parameters())


def test_divergence_goes_back_to_the_last_good_weights() -> None:
    net = nn.Linear(1, 1, bias=False, dtype=float)
    net.weight.data = np.array([[1.0]])
    x = np.array([[1.0]])
    snapshots: list[float] = []
    with (
        np.errstate(over="ignore"),
        pytest.raises(nn.NonFiniteError, match="lower the learning rate") as caught,
    ):
        nn.fit(
            net, (x, 0 * x), nn.MSELoss(), nn.optim.SGD(net.parameters(), lr=1e30), epochs=50,
            callbacks=[lambda history: snapshots.append(net.weight.item())],
        )  # fmt: skip
    assert caught.value.epoch == len(snapshots) + 1
    assert np.isfinite(net.weight.data).all()
    assert np.isfinite(net.weight.item() ** 2)  # the loss of these weights is finite


def test_a_gradient_that_is_not_finite() -> None:
    """The square root of a sum of squares, at 0."""
    net = nn.Linear(1, 1, bias=False, dtype=float)
    before = net.weight.item()
    data = np.zeros((1, 1)), np.zeros((1, 1))
    with np.errstate(all="ignore"), pytest.raises(nn.NonFiniteError, match="gradient") as caught:
        nn.fit(
            net, data, lambda out, y: ((net.weight - before) ** 2 + out - y).sum() ** 0.5,
            nn.optim.SGD(net.parameters(), lr=0.1),
        )  # fmt: skip
    assert net.weight.item() == before
    assert "of this moment" in str(caught.value)


# --- checkpoints -------------------------------------------------------------------------


def run_settings(net: Any, path: Path) -> dict[str, Any]:
    optimizer = nn.optim.AdamW(net.parameters(), lr=0.02)
    return {
        "net": net, "optimizer": optimizer, "validation": HELD_OUT, "metrics": ["accuracy"],
        "scheduler": nn.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 30),
        "scheduler_every": "batch", "checkpoint": path / "run-{epoch}.safetensors",
        "restore_best": True, "clip_norm": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("interrupted_at", [1, 4])
def test_resumed_to_the_last_bit(tmp_path: Path, own: bool, interrupted_at: int) -> None:
    """Also where loader and dropout have generators of their own."""

    def start() -> dict[str, Any]:
        net = model()
        settings = run_settings(net, tmp_path)
        if own:
            net[2].generator = np.random.Generator(np.random.MT19937(5))
            generator = np.random.Generator(np.random.SFC64(6))
            settings["data"] = nn.DataLoader(DATA, 10, shuffle=True, generator=generator)
        return settings

    whole, history = fitted(6, **start())
    assert sorted(os.listdir(tmp_path)) == [f"run-{i}.safetensors" for i in range(1, 7)]
    settings = start()
    net, again = fitted(
        6, seed=99, resume=tmp_path / f"run-{interrupted_at}.safetensors", **settings
    )
    np.testing.assert_array_equal(weights(net), weights(whole))
    assert again.columns == history.columns
    assert (again.best_epoch, again.stopped) == (history.best_epoch, "epochs")
    assert nn.load(model(), tmp_path / "run-6.safetensors") == {"epoch": 6}


def test_resume_where_there_is_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    net, _ = fitted(4)
    first, _ = fitted(2, checkpoint=path, checkpoint_every=2, resume=True)
    assert path.exists()
    again, history = fitted(4, checkpoint=path, resume=True)
    np.testing.assert_array_equal(weights(again), weights(net))
    assert history.epochs == 4
    done, history = fitted(4, checkpoint=path, resume=True)
    np.testing.assert_array_equal(weights(done), weights(net))
    assert history.epochs == 4
    del first


def test_checkpoints_every_n_epochs_and_at_the_end(tmp_path: Path) -> None:
    fitted(5, checkpoint=tmp_path / "{epoch}", checkpoint_every=2)
    assert sorted(os.listdir(tmp_path)) == ["2", "4", "5"]


def test_checkpoints_that_do_not_fit_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run"
    fitted(1, checkpoint=path)
    other = nn.Sequential(nn.Linear(4, 3))
    before = weights(other)
    with refuses(ValueError, "resume", "unexpected", "misshapen"):
        fitted(2, net=other, resume=path)
    np.testing.assert_array_equal(weights(other), before)
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    before = weights(net)
    with refuses(ValueError, "scheduler"):
        fitted(2, net=net, optimizer=optimizer, scheduler=scheduler, resume=path)
    with refuses(ValueError, "SGD", "without dampening"):
        fitted(2, net=net, optimizer=nn.optim.SGD(net.parameters()), resume=path)
    net[2].generator = np.random.default_rng(0)
    with refuses(ValueError, "random generators"):
        fitted(2, net=net, resume=path)
    np.testing.assert_array_equal(weights(net), before)
    nn.save(model(), path)
    with refuses(ValueError, "no checkpoint"):
        fitted(2, resume=path)
    with refuses(FileNotFoundError, "nowhere"):
        fitted(2, resume=tmp_path / "nowhere")


# --- the rest ----------------------------------------------------------------------------


def test_it_is_quiet_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(1)
    assert capsys.readouterr() == ("", "")
    fitted(1, progress=True)
    assert "epoch 1/1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"data": (X,)}, ValueError, ["(X, y)"]),
        ({"data": X}, TypeError, ["ndarray"]),
        ({"scheduler_every": "step"}, ValueError, ["'step'"]),
        ({"patience": 0}, ValueError, ["patience 0"]),
        ({"checkpoint_every": 0}, ValueError, ["checkpoint_every 0"]),
        ({"batch_size": 0}, ValueError, ["batch_size 0"]),
        ({"epochs": -1}, ValueError, ["epochs -1"]),
        ({"min_delta": float("nan")}, ValueError, ["min_delta nan"]),
        ({"optimizer": nn.optim.Adam}, TypeError, ["Adam", "model.parameters()"]),
        (
            {"optimizer": nn.optim.Adam(model().parameters())},
            ValueError,
            ["none", "Sequential", "model.parameters()"],
        ),
        (
            {"scheduler": nn.optim.lr_scheduler.StepLR(nn.optim.SGD(model().parameters()), 1)},
            ValueError,
            ["another optimiser"],
        ),
        ({"metrics": ["auc"]}, ValueError, ["'auc'", "accuracy"]),
        ({"metrics": "auc"}, ValueError, ["'auc'", "accuracy"]),
        ({"metrics": {"mine": 3}}, TypeError, ["'mine'", "3", "function"]),
        ({"loss": nn.CrossEntropyLoss}, TypeError, ["CrossEntropyLoss", "nn.MSELoss()"]),
        ({"loss": "mse"}, TypeError, ["'mse'", "nn.MSELoss()"]),
        ({"loss": lambda out, y: float(out.data.sum())}, TypeError, ["float", "no gradient"]),
        ({"loss": lambda out, y: np.mean(out.numpy())}, TypeError, ["float32", ".numpy()"]),
        ({"loss": lambda out, y: None}, TypeError, ["NoneType", "no gradient"]),
        ({"monitor": "mae"}, ValueError, ["'mae'", "there are loss"]),
        ({"mode": "low"}, ValueError, ["'low'"]),
        ({"monitor": "val_loss"}, ValueError, ["'val_loss'", "loss"]),
        ({"resume": True}, ValueError, ["checkpoint="]),
        ({"loss": nn.CrossEntropyLoss(reduction="none")}, ValueError, ["(10,)", "'mean'"]),
        ({"data": (X.astype(float), Y)}, TypeError, ["float64", "float32", ".astype"]),
        ({"data": [np.zeros((0, 4), np.float32), np.zeros(0, int)]}, ValueError, ["no batch"]),
    ],
)
def test_refusals(settings: dict[str, Any], kind: type[Exception], words: list[str]) -> None:
    with refuses(kind, *words):
        fitted(**{"epochs": 1, **settings})


def test_history() -> None:
    _, history = fitted(3, validation=HELD_OUT, metrics=["accuracy"])
    assert "3 epochs" in repr(history)
    assert "val_loss" in history
    with refuses(KeyError, "'f1'", "val_loss"):
        history["f1"]
    figure = history.plot()
    losses, metrics = figure.axes
    assert {t.get_text() for t in losses.get_legend().get_texts()} == {"loss", "val_loss", "best"}
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), history["loss"])
    assert metrics.lines[0].get_label() == "accuracy"
    assert history._repr_png_().startswith(b"\x89PNG")
    assert History().plot().axes == []
    assert repr(History()) == "History(0 epochs)"
