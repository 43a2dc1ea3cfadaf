"""What all optimisers share: the groups of parameters, their state, and the walk over both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor, Value, enable_grad

from ..settings import at_least_zero, count, flag
from .flat import Flat, FlatValues
from .group import Group, as_python


@dataclass
class _Part:
    """The parameters of one dtype in one group: how often each was updated, and their state."""

    group: Group
    flat: Flat
    steps: list[int] = field(init=False)
    state: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps = [0] * len(self.flat.parameters)

    def arrays(self, names: Sequence[str], start: float) -> list[np.ndarray]:
        """The state by these names; one that is not there yet begins with `start` everywhere."""
        try:
            return [self.state[name] for name in names]
        except KeyError as missing:
            size, dtype = self.flat.bounds[-1], self.flat.dtype
            # NumPy's zeros take no memory until they are written to.
            fresh = np.full(size, start, dtype) if start else np.zeros(size, dtype)
            self.state[missing.args[0]] = fresh
            return self.arrays(names, start)


Check = Callable[[str, str, Any], Any]
"""Takes the optimiser's name, the setting's and its value; gives what is kept, or raises."""


class Optimizer:
    """An optimiser of groups of parameters, each group with its settings.

    Subclasses define `_update`, the `checks` of settings of their own, with `_check` for those
    that depend on each other, and, where they have state, `_state_names`.

    Args:
        params: parameters, as `model.parameters()` gives them, or dicts with such a list under
            "params" and settings that are this group's own.
        defaults: the settings of groups that do not have their own.

    Raises:
        TypeError: for anything that is no parameter, or a complex one; ValueError: for none at
            all, one given twice, a setting out of range or unknown.

    >>> import nn
    >>> a, b = nn.Parameter([1.0]), nn.Parameter([1.0])
    >>> optimizer = nn.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.1, 0.5]
    """

    checks: ClassVar[dict[str, Check]] = {
        "lr": at_least_zero, "initial_lr": at_least_zero, "weight_decay": at_least_zero,
        "maximize": flag,
    }  # fmt: skip

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, (Tensor, Value, str, Mapping)) or not isinstance(params, Iterable):
            raise TypeError(
                f"{type(self).__name__}: {type(params).__name__} is no list of parameters: give "
                "model.parameters()"
            )
        self.defaults = {name: as_python(setting) for name, setting in defaults.items()}
        self.param_groups: list[Group] = []
        self._parts: list[_Part] = []
        given = list(params)
        if not given:
            raise ValueError(f"{type(self).__name__}: no parameters: give model.parameters()")
        if not isinstance(given[0], Mapping):
            given = [{"params": given}]
        for group in given:
            self.add_param_group(group)

    @property
    def params(self) -> list[Any]:
        """The parameters of all groups."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigning sets that of all groups."""
        rate: float = self.param_groups[0]["lr"]
        return rate

    @lr.setter
    def lr(self, lr: float) -> None:
        lr = self.checks["lr"](type(self).__name__, "lr", lr)
        for group in self.param_groups:
            group["lr"] = lr

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Train further parameters: a dict as those that `params` may hold.

        >>> import nn
        >>> optimizer = nn.optim.Adam(nn.Linear(2, 2).parameters(), lr=0.1)
        >>> optimizer.add_param_group({"params": nn.Linear(2, 1).parameters(), "lr": 0.01})
        >>> optimizer
        Adam(4 parameters in 2 groups, lr=0.1, 0.01)
        """
        name = type(self).__name__
        params = self._checked_params(param_group)
        unknown = param_group.keys() - self.defaults.keys() - {"params", "initial_lr"}
        if unknown:
            raise ValueError(
                f"{name}: no settings {', '.join(sorted(unknown))}: there are "
                f"{', '.join(self.defaults)}"
            )
        settings = self._checked(name, {**self.defaults, **param_group, "params": params})
        self.param_groups.append(settings)
        for kind, some in _grouped(params):
            flat = FlatValues(some) if kind is Value else Flat(some)
            self._parts.append(_Part(settings, flat))

    def _checked(self, name: str, given: Mapping[str, Any]) -> Group:
        """A group of these settings, once all of them are found in range."""
        settings = Group()
        settings.update(given)
        for setting, check in self.checks.items():
            if setting in settings:
                settings[setting] = check(name, setting, settings[setting])
        self._check(settings)
        return settings

    def _checked_params(self, group: Mapping[str, Any]) -> list[Any]:
        name = type(self).__name__
        params = group.get("params") if isinstance(group, Mapping) else None
        if isinstance(params, (Tensor, Value)):
            params = [params]
        if not isinstance(params, Iterable):
            raise TypeError(
                f"{name}: {group!r:.60} is no group of parameters: give a dict with 'params': "
                "model.parameters()"
            )
        params = list(params)
        if not params:
            raise ValueError(f"{name}: no parameters: give model.parameters()")
        for parameter in params:
            if not (isinstance(parameter, Tensor) and parameter.is_leaf) and not (
                isinstance(parameter, Value) and parameter.operation is None
            ):
                raise TypeError(
                    f"{name}: {parameter!r:.60} is no leaf Tensor or Value: give model.parameters()"
                )
            if isinstance(parameter, Tensor) and parameter.dtype.kind == "c":
                # Their gradient, dL/dx - i dL/dy, leads uphill in y.
                raise TypeError(
                    f"{name}: a parameter of dtype {parameter.dtype}: train its real and its "
                    "imaginary part as two parameters, and join them with real + 1j * imag"
                )
        every = [*self.params, *params]
        if len({id(parameter) for parameter in every}) < len(every):
            raise ValueError(f"{name}: a parameter is given twice")
        return params

    # --- a step ---

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None for Tensors, or zeros unless frozen; 0.0 for Values."""
        for part in self._parts:
            for parameter in part.flat.parameters:
                zeros = not set_to_none and isinstance(parameter, Tensor)
                parameter.grad = (
                    np.zeros_like(parameter.data)
                    if zeros and parameter.requires_grad
                    else part.flat.no_gradient
                )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; the others stay, and so does their state.

        Args:
            closure: computes the loss and its gradients first, and returns the loss.

        Returns:
            What the closure returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        ready = []
        for part in self._parts:
            gradients = [parameter.grad for parameter in part.flat.parameters]
            runs = _runs([g is not None for g in gradients], part.steps)
            if runs:
                part.flat.gather()  # raises for a dtype changed since, before any update
                ready.append((part, gradients, runs))
        for part, gradients, runs in ready:
            flat, steps, group = part.flat, part.steps, part.group
            state = part.arrays(self._state_names(group), self._initial(group))
            maximize, counted = group.get("maximize", False), self._counts(group)
            for run in runs:
                step = steps[run.start] + 1
                if counted:
                    steps[run.start : run.stop] = [step] * len(run)
                for place, gradient in flat.blocks(run, gradients):
                    if maximize:
                        np.negative(gradient, gradient)
                    self._update(flat.data[place], gradient, [a[place] for a in state], step, group)
            flat.hand_out()
        return loss

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        """Update `data` and `state` of one block in place; `gradient` may be used up."""
        raise NotImplementedError(f"{type(self).__name__} defines no _update")

    def _check(self, settings: dict[str, Any]) -> None:
        """Raise for settings of a group that do not go together."""

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The names of the arrays of state that the settings of a group ask for."""
        del group
        return ()

    def _counts(self, group: dict[str, Any]) -> bool:
        """Whether updates with these settings count as steps."""
        del group
        return True

    def _initial(self, group: dict[str, Any]) -> float:
        """What the state of a group begins with."""
        del group
        return 0.0

    # --- state ---

    def state_dict(self) -> dict[str, Any]:
        """The state and the settings, as PyTorch's: parameters go by their numbers.

        Returns:
            {"state": {number: {"step": ..., name: array, ...}}, "param_groups": [{..., "params":
            numbers}]}; arrays are copies, in the shape of their parameter.

        >>> import nn
        >>> w = nn.Parameter([1.0])
        >>> optimizer = nn.optim.Adam([w], lr=0.1)
        >>> (3 * w).sum().backward()
        >>> optimizer.step()
        >>> optimizer.state_dict()["state"][0]["exp_avg"].round(6)
        array([0.3])
        """
        numbers = {id(parameter): i for i, parameter in enumerate(self.params)}
        groups = [
            {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": self._state(), "param_groups": groups}

    def _state(self) -> dict[int, dict[str, Any]]:
        """The state by the number of the parameter."""
        numbers = {id(parameter): i for i, parameter in enumerate(self.params)}
        state: dict[int, dict[str, Any]] = {}
        for part in self._parts:
            for i, (parameter, step) in enumerate(
                zip(part.flat.parameters, part.steps, strict=True)
            ):
                if step:
                    arrays = {
                        name: np.array(part.flat.part(array, i), order="C")
                        for name, array in part.state.items()
                    }
                    state[numbers[id(parameter)]] = {"step": step, **arrays}
        return dict(sorted(state.items()))

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the state and the settings that `state_dict` gave.

        Settings this optimiser does not have, as those of PyTorch's that say how to compute,
        are left out.

        Raises:
            ValueError: for other groups, settings or shapes, or what is no state of such an
                optimiser; nothing is changed then.
        """
        name = f"{type(self).__name__}.load_state_dict"
        places = self._places(name, state_dict)
        known = {*self.defaults, "initial_lr"}
        coming = []
        for given, group in zip(state_dict["param_groups"], self.param_groups, strict=True):
            missing = self.defaults.keys() - given.keys() - {"maximize"}  # which came late
            if missing:
                raise ValueError(
                    f"{name}: a group without {', '.join(sorted(missing))}: give the state of such "
                    "an optimiser"
                )
            settings = {**group, **{key: given[key] for key in known & given.keys()}}
            try:
                coming.append(self._checked(name, settings))
            except TypeError as error:
                raise ValueError(str(error)) from error
        self._load(name, {places[n]: dict(x) for n, x in state_dict["state"].items()}, coming)
        for group, checked in zip(self.param_groups, coming, strict=True):
            group.update(checked)

    def _places(self, name: str, state_dict: Any) -> dict[Any, int]:
        """What number each parameter has here, by that in the state; errors for what is none."""
        if (
            not isinstance(state_dict, Mapping)
            or not {"state", "param_groups"} <= state_dict.keys()
            or not isinstance(state_dict["state"], Mapping)
            or not all(isinstance(entries, Mapping) for entries in state_dict["state"].values())
            or not isinstance(state_dict["param_groups"], (list, tuple))
            or not all(
                isinstance(group, Mapping) and isinstance(group.get("params"), (list, tuple))
                for group in state_dict["param_groups"]
            )
        ):
            raise ValueError(f"{name}: no state of an optimiser: give what state_dict() returned")
        theirs = [len(group["params"]) for group in state_dict["param_groups"]]
        ours = [len(group["params"]) for group in self.param_groups]
        if theirs != ours:
            raise ValueError(f"{name}: groups of {theirs} parameters for groups of {ours}")
        numbers = [number for group in state_dict["param_groups"] for number in group["params"]]
        places = {number: i for i, number in enumerate(numbers) if isinstance(number, int)}
        strange = [number for number in state_dict["state"] if number not in places]
        if strange or len(places) < len(numbers):
            raise ValueError(
                f"{name}: entries of {strange or numbers} where the groups have the parameters "
                f"{numbers}: give each a number of its own"
            )
        return places

    def _load(self, name: str, state: dict[int, dict[str, Any]], coming: list[Group]) -> None:
        """Take over the state by the numbers of the parameters, all of it or nothing.

        `coming` are the groups as they will be.
        """
        numbers = {id(parameter): i for i, parameter in enumerate(self.params)}
        groups = {id(now): then for now, then in zip(self.param_groups, coming, strict=True)}
        fresh = []
        for part in self._parts:
            group = groups[id(part.group)]
            start = self._initial(group)
            # What a setting switches on may be missing, if it was off, or be left from before.
            always = {*self._state_names(dict.fromkeys(group, 0))}
            known = self._state_names(dict.fromkeys(group, 1))
            twin = _Part(part.group, part.flat)
            for i, parameter in enumerate(part.flat.parameters):
                number = numbers[id(parameter)]
                # PyTorch's has None for what its settings do not ask for, and SGD's no step.
                entries = {k: x for k, x in state.get(number, {}).items() if x is not None}
                needed = {"step", *always} if entries and always else set()
                if needed - entries.keys():
                    raise ValueError(
                        f"{name}: parameter {number} without "
                        f"{', '.join(sorted(needed - entries.keys()))}: its state is made of step, "
                        f"{', '.join(known)}"
                    )
                what = f"step of parameter {number}"
                twin.steps[i] = count(name, what, entries.pop("step", int(bool(entries))))
                for key, given in entries.items():
                    place = twin.flat.part(twin.arrays([key], start)[0], i)
                    array = np.asarray(given)
                    if key not in known or place.shape != array.shape or array.dtype.kind != "f":
                        raise ValueError(
                            f"{name}: {key} of shape {array.shape} and dtype {array.dtype} for "
                            f"parameter {number} of shape {place.shape}: its state is made of "
                            f"{', '.join(known) or 'nothing'}"
                        )
                    place[...] = array
            fresh.append(twin)
        self._parts = fresh

    def __repr__(self) -> str:
        n = len(self.param_groups)
        groups = f" in {n} groups" if n > 1 else ""
        rates = ", ".join(str(group["lr"]) for group in self.param_groups)
        return f"{type(self).__name__}({len(self.params)} parameters{groups}, lr={rates})"


def _runs(active: list[bool], steps: list[int]) -> list[range]:
    """Neighbouring parameters that have a gradient and have been updated equally often."""
    if all(active) and steps.count(steps[0]) == len(steps):
        return [range(len(steps))]
    runs = []
    start = 0
    for (has_gradient, _), group in groupby(zip(active, steps, strict=True)):
        stop = start + len(list(group))
        if has_gradient:
            runs.append(range(start, stop))
        start = stop
    return runs


def _grouped(params: list[Any]) -> list[tuple[Any, list[Any]]]:
    """The parameters by kind: Values, and Tensors of each dtype."""
    groups: dict[Any, list[Any]] = {}
    for parameter in params:
        kind = Value if isinstance(parameter, Value) else parameter.dtype
        groups.setdefault(kind, []).append(parameter)
    return list(groups.items())
