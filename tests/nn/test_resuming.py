"""What a checkpoint holds beside the model, why one is refused, and data of other structures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import exp
from nn.optim import lr_scheduler as schedules

from ..autograd.helpers import refuses
from .test_training import DATA, fitted, model, weights


def test_the_newest_of_several_checkpoints_is_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "run [1]-{epoch}.safetensors"
    whole, _ = fitted(12)
    fitted(10, checkpoint=path)
    (tmp_path / "run [1]-99x.safetensors").touch()
    counted: list[int] = []
    net, history = fitted(
        12, checkpoint=path, resume=True, callbacks=[lambda h: counted.append(h.epochs)]
    )
    assert counted == [11, 12]
    assert history.epochs == 12
    np.testing.assert_array_equal(weights(net), weights(whole))
    first, _ = fitted(2, checkpoint=tmp_path / "other-{epoch}", resume=True)
    assert sorted(x for x in os.listdir(tmp_path) if "other" in x) == ["other-1", "other-2"]
    del first


class Weighted(nn.Module):
    """A loss with a parameter and a buffer of its own."""

    def __init__(self) -> None:
        self.log_var = nn.Parameter(np.zeros(1, np.float32))
        self.register_buffer("calls", np.zeros((), np.float32))

    def forward(self, output: Any, target: Any) -> Any:
        self.calls += np.float32(1)
        loss = nn.functional.cross_entropy(output, target)
        return (loss * exp(-self.log_var) + self.log_var).sum()


def _with_loss(temperature: Any = None, **settings: Any) -> tuple[Any, Any, Any]:
    net, loss = model(), Weighted()
    more = [] if temperature is None else [temperature]
    optimizer = nn.optim.Adam([*net.parameters(), *loss.parameters(), *more], lr=0.02)

    def both(output: Any, target: Any) -> Any:
        return loss(output * temperature, target)

    chosen = loss if temperature is None else both
    _, history = fitted(net=net, optimizer=optimizer, loss=chosen, **settings)
    return net, loss, history


def test_the_parameters_of_the_loss_are_part_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "run"
    net, loss, _ = _with_loss(epochs=5)
    _with_loss(epochs=3, checkpoint=path, restore_best=True)
    again, loss_again, _ = _with_loss(epochs=5, resume=path)
    np.testing.assert_array_equal(weights(again), weights(net))
    np.testing.assert_array_equal(weights(loss_again), weights(loss))
    assert loss.calls == 25
    nn.load(model(), path)  # the model's part alone


def test_parameters_of_the_optimiser_alone_are_part_of_the_run(tmp_path: Path) -> None:
    found = []
    for settings in ({"epochs": 3, "checkpoint": tmp_path / "run"}, {"epochs": 5}):
        temperature = nn.Parameter(np.ones(1, np.float32))
        _with_loss(temperature, **settings)
        found.append(temperature.data)
    temperature = nn.Parameter(np.ones(1, np.float32))
    with refuses(ValueError, "missing", "fit.parameter.0"):  # what only the optimiser knows
        fitted(1, checkpoint=tmp_path / "other")
        _with_loss(temperature, epochs=2, resume=tmp_path / "other")
    assert temperature.data == 1
    assert found[0] != found[1]


def test_what_diverges_has_the_last_good_weights_of_the_loss_too() -> None:
    net, loss = model(), Weighted()
    optimizer = nn.optim.SGD([*net.parameters(), *loss.parameters()], lr=1e30)
    before = weights(net)
    start = pytest.raises(nn.NonFiniteError, match="of the start of epoch 1")
    with np.errstate(all="ignore"), start:
        fitted(net=net, optimizer=optimizer, loss=loss)
    np.testing.assert_array_equal(weights(net), before)
    assert loss.log_var.data == 0


class Noisy(nn.Dataset):
    """Examples with noise from a generator of the dataset's own."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(3)

    def __len__(self) -> int:
        return len(DATA[0])

    def __getitem__(self, i: Any) -> Any:
        return DATA[0][i] + self.rng.normal(size=4).astype(np.float32), DATA[1][i]


def test_a_datasets_generator_is_part_of_the_run(tmp_path: Path) -> None:
    """Also within a Subset."""

    def data() -> nn.DataLoader:
        return nn.DataLoader(nn.data.Subset(Noisy(), range(20)), 10)

    whole, _ = fitted(4, data=data())
    fitted(2, data=data(), checkpoint=tmp_path / "run-{epoch}")
    net, _ = fitted(4, data=data(), resume=tmp_path / "run-{epoch}")
    np.testing.assert_array_equal(weights(net), weights(whole))


def _scheduled(make: Any, **settings: Any) -> tuple[Any, Any, Any]:
    net = model()
    optimizer = nn.optim.Adam(net.parameters(), lr=0.02)
    scheduler = make(optimizer)
    fitted(net=net, optimizer=optimizer, scheduler=scheduler, **settings)
    return net, optimizer, scheduler


def test_another_kind_of_schedule_or_generator_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run"
    _scheduled(lambda o: schedules.CosineAnnealingLR(o, 5), epochs=2, checkpoint=path)
    net = model()
    optimizer = nn.optim.Adam(net.parameters(), lr=0.5)
    before = weights(net)
    with refuses(ValueError, "CosineAnnealingLR", "OneCycleLR"):
        fitted(
            net=net, optimizer=optimizer, scheduler=schedules.OneCycleLR(optimizer, 0.1, 50),
            resume=path,
        )  # fmt: skip
    other = nn.optim.Adam(net.parameters(), lr=0.5)
    other.add_param_group({"params": [nn.Parameter([1.0])]})
    with refuses(ValueError, "fit.parameter.0"):
        fitted(
            net=net, optimizer=other, scheduler=schedules.CosineAnnealingLR(other, 5), resume=path
        )
    generator = np.random.Generator(np.random.MT19937(1))
    with refuses(ValueError, "random generators"):
        fitted(
            net=net, optimizer=optimizer, resume=path, seed=generator,
            scheduler=schedules.CosineAnnealingLR(optimizer, 5),
        )  # fmt: skip
    np.testing.assert_array_equal(weights(net), before)
    assert other.lr == 0.5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"monitor": "val_loss"}, ["'val_loss'", "there are loss"]),
        ({"monitor": "mine", "metrics": {"mine": abs}}, ["'mine'", "mode="]),
        ({"plateau": True, "scheduler_every": "batch"}, ["ReduceLROnPlateau", "scheduler_every"]),
        ({"plateau": True, "metrics": "accuracy", "monitor": "accuracy"}, ["mode='max'", "larger"]),
        ({"checkpoint": os.path.join("nowhere", "{epoch}")}, ["nowhere", "make it first"]),
        ({"checkpoint": os.curdir}, ["is a directory"]),
        ({"checkpoint": "run-{epoch:x}"}, ["{epoch:x}", "{epoch:03d}"]),
        ({"checkpoint": "run-{epoch:>3}"}, ["{epoch:>3}", "{epoch:03d}"]),
        ({"clip_norm": "a"}, ["clip_norm 'a'"]),
        ({"clip_value": -1}, ["clip_value -1"]),
    ],
)
def test_refused_before_anything_is_trained(settings: dict[str, Any], words: list[str]) -> None:
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    if settings.pop("plateau", False):
        settings["scheduler"] = schedules.ReduceLROnPlateau(optimizer)
    before = weights(net)
    with refuses((ValueError, TypeError, OSError), *words):
        fitted(net=net, optimizer=optimizer, **settings)
    np.testing.assert_array_equal(weights(net), before)


@pytest.mark.parametrize("trouble", ["a reserved name", "a dtype"])
def test_what_no_checkpoint_can_hold_is_refused_before(tmp_path: Path, trouble: str) -> None:
    net: Any = nn.Sequential(model())
    if trouble == "a dtype":
        net.register_buffer("phase", np.ones(2, complex))
    else:
        net.best = nn.Linear(1, 1)
        net[0].forward(DATA[0])
        net.forward = net[0].forward
    before = weights(net)
    with refuses((ValueError, TypeError), "best.weight" if trouble != "a dtype" else "phase"):
        fitted(net=net, checkpoint=tmp_path / "run")
    np.testing.assert_array_equal(weights(net), before)


def test_a_broken_state_of_the_run_changes_nothing(tmp_path: Path) -> None:
    path, broken = tmp_path / "run", tmp_path / "broken"
    fitted(2, checkpoint=path)
    file = nn.serialization.File(path)
    for key in ("columns", "best", "best_epoch", "waited", "settings", "generators"):
        state = file.said("training")
        for value in (None, "x", [3], [{"bit_generator": "PCG64", "state": {"state": "x"}}]):
            state[key] = value
            texts = {**file.texts, "training": json.dumps(state)}
            texts = {k: text for k, text in texts.items() if "sha256" not in k}
            nn.serialization.write(broken, file.arrays(), texts)
            net = model()
            before, state_before = weights(net), np.random.default_rng(0).bit_generator.state
            generator = np.random.default_rng(0)
            with refuses(ValueError, "resume"):
                fitted(3, net=net, resume=broken, seed=generator)
            np.testing.assert_array_equal(weights(net), before)
            assert generator.bit_generator.state == state_before


# --- data of other structures --------------------------------------------------------------


class Times(nn.Module):
    """Gives what it is given, times a parameter, twice."""

    def __init__(self) -> None:
        self.factor = nn.Parameter(np.ones(1, np.float32))

    def forward(self, x: Any) -> Any:
        return x * self.factor, {"again": x * self.factor}


@pytest.mark.parametrize("structure", [lambda t: {"a": t}, lambda t: (t, t), lambda t: t])
def test_a_batch_counts_as_often_as_it_has_targets(structure: Any) -> None:
    x = np.arange(10, dtype=np.float32)[:, None]
    loader = nn.DataLoader([(row, structure(row * 0)) for row in x], 7)
    model = Times()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.0)

    def loss(output: Any, target: Any) -> Any:
        return (output[0] ** 2).mean()

    history = nn.fit(model, loader, loss, optimizer, validation=loader)
    assert history["loss"] == history["val_loss"] == pytest.approx([28.5])


def test_metrics_get_outputs_and_targets_in_their_structure() -> None:
    x = np.arange(10, dtype=np.float32)[:, None]
    loader = nn.DataLoader([(row, {"a": row, "b": row}) for row in x], 3)
    model = Times()

    def shapes(output: Any, target: Any) -> float:
        assert output[0].shape == output[1]["again"].shape == target["b"].shape == (10, 1)
        return 1.0

    history = nn.fit(
        model, loader, lambda out, y: (out[0] - y["a"]).mean(),
        nn.optim.SGD(model.parameters(), lr=0.0), metrics=[shapes],
    )  # fmt: skip
    assert history["shapes"] == [1.0]


def test_nan_in_a_dict_is_the_datas_fault() -> None:
    rows = [(np.ones(4, np.float32), {"y": np.float32(np.nan)}) for _ in range(4)]
    with pytest.raises(nn.NonFiniteError, match="clean the data"):
        fitted(
            data=nn.DataLoader(rows, 2),
            loss=lambda out, t: (out.sum(axis=1) - t["y"]).mean(),
        )


def test_a_dataset_as_it_is() -> None:
    class Rows(nn.Dataset):
        def __len__(self) -> int:
            return len(DATA[0])

        def __getitem__(self, i: Any) -> Any:
            return DATA[0][i], DATA[1][i]

    net, _ = fitted(2)
    again, _ = fitted(2, data=Rows())
    np.testing.assert_array_equal(weights(again), weights(net))
    fitted(1, data=Rows(), batch_size=None)


def test_a_list_of_batches() -> None:
    batches = [(DATA[0][:10], DATA[1][:10]), (DATA[0][10:15], DATA[1][10:15])]
    with refuses(TypeError, "list of tuples", "(X, y)", "nn.DataLoader"):
        fitted(1, data=batches)


def test_the_best_weights_have_to_be_known(tmp_path: Path) -> None:
    numbers = iter([1.0, 0.5, 2.0, 0.7, 1.0])
    settings: dict[str, Any] = {
        "metrics": {"mine": lambda output, target: next(numbers)}, "monitor": "mine", "mode": "min",
        "checkpoint": tmp_path / "{epoch}",
    }  # fmt: skip
    fitted(3, **settings)
    with refuses(ValueError, "no weights of epoch 2", "restore_best"):
        fitted(5, **settings, resume=tmp_path / "3", restore_best=True)
    net, history = fitted(4, **settings, resume=tmp_path / "2", restore_best=True)
    assert history.best_epoch == 2
    expected = model()
    nn.load(expected, tmp_path / "2")
    np.testing.assert_array_equal(weights(net), weights(expected))


def test_a_loss_that_is_a_module_follows_the_models_mode() -> None:
    class Noted(nn.Module):
        def __init__(self) -> None:
            self.modes: list[bool] = []

        def forward(self, output: Any, target: Any) -> Any:
            self.modes.append(self.training)
            return nn.functional.cross_entropy(output, target)

    loss = Noted()
    loss.eval()
    fitted(1, loss=loss, batch_size=None, validation=DATA)
    assert loss.modes[0]
    assert not any(loss.modes[1:])


def test_what_callbacks_change_is_part_of_the_epoch(tmp_path: Path) -> None:
    """The checkpoint is written behind them."""

    def run(epochs: int, **settings: Any) -> tuple[Any, nn.History]:
        net = model()
        optimizer = nn.optim.Adam(net.parameters(), lr=0.02)

        def halve(history: nn.History) -> None:
            optimizer.lr /= 2
            history.add({"halved": optimizer.lr})

        return fitted(epochs, net=net, optimizer=optimizer, callbacks=halve, **settings)

    whole, history = run(4)
    run(2, checkpoint=tmp_path / "run")
    again, resumed = run(4, resume=tmp_path / "run")
    assert resumed.columns == history.columns
    np.testing.assert_array_equal(weights(again), weights(whole))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"monitor": "accuracy"}, ["monitor loss", "accuracy"]),
        ({"monitor": "accuracy", "metrics": []}, ["no 'accuracy' to monitor"]),
        ({"mode": "max"}, ["mode min", "max"]),
        ({"metrics": []}, ["metrics ['accuracy']", "none"]),
        ({"validation": DATA, "monitor": "loss"}, ["validation none", "True"]),
    ],
)
def test_what_is_counted_has_to_be_the_same(
    tmp_path: Path, changed: dict[str, Any], words: list[str]
) -> None:
    path = tmp_path / "run"
    fitted(2, checkpoint=path, metrics=["accuracy"])
    with refuses(ValueError, *words):
        fitted(3, resume=path, **{"metrics": ["accuracy"], **changed})


def test_the_number_of_the_epoch_may_have_a_format(tmp_path: Path) -> None:
    for folder in ("01", "02", "03"):
        (tmp_path / folder).mkdir()
    path = tmp_path / "{epoch:02d}" / "run-{epoch}"
    fitted(2, checkpoint=path)
    assert sorted(str(x.relative_to(tmp_path)) for x in tmp_path.glob("*/*")) == [
        os.path.join("01", "run-1"), os.path.join("02", "run-2"),
    ]  # fmt: skip
    seen: list[int] = []
    fitted(3, checkpoint=path, resume=True, callbacks=lambda h: seen.append(h.epochs))
    assert seen == [3]


def test_a_run_that_ends_early_writes_its_last_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run"
    fitted(9, checkpoint=path, checkpoint_every=4, callbacks=lambda history: history.epochs == 6)
    counted: list[int] = []
    fitted(7, resume=path, callbacks=lambda history: counted.append(history.epochs))
    assert counted == [7]


def test_generators_in_lists_of_modules_are_part_of_the_run(tmp_path: Path) -> None:
    class Noisy(nn.Module):
        def __init__(self) -> None:
            self.inner = model()
            self.generators_of_mine = [np.random.default_rng(5)]

        def forward(self, x: Any) -> Any:
            return self.inner(x + self.generators_of_mine[0].normal(size=x.shape).astype("f"))

    path = tmp_path / "run"
    whole, _ = fitted(4, net=Noisy())
    fitted(2, net=Noisy(), checkpoint=path)
    again, _ = fitted(4, net=Noisy(), resume=path)
    np.testing.assert_array_equal(weights(again), weights(whole))


@pytest.mark.parametrize("last", ["the last batch of a run", "the last batch of an epoch"])
def test_weights_that_a_step_made_infinite_are_never_kept(tmp_path: Path, last: str) -> None:
    """No further batch shows them, and a checkpoint of them would replace a good one."""
    net, path, steps = model(), tmp_path / "run", []
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)

    def loss(output: Any, target: Any) -> Any:
        steps.append(1)
        if len(steps) == 9:  # the third epoch's last
            optimizer.lr = 1e39
        return nn.functional.cross_entropy(output, target)

    epochs = 3 if last.endswith("run") else 5
    settings: dict[str, Any] = {"net": net, "optimizer": optimizer, "loss": loss}
    x, y = DATA
    settings["data"] = (x[:48], y[:48])
    with np.errstate(all="ignore"), pytest.raises(nn.NonFiniteError, match="weights after") as it:
        fitted(epochs, checkpoint=path, restore_best=True, batch_size=16, **settings)
    assert (it.value.epoch, it.value.index) == (3, 2)
    assert np.isfinite(weights(net)).all()
    optimizer.lr = 0.1
    nn.load(net, path, optimizer)
    assert np.isfinite(weights(net)).all()
    assert nn.serialization.File(path).metadata() == {"epoch": 2}
