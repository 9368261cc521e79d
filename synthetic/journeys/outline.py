"""The steps that a journey's source announces, so that those after a failure can be recorded."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synthetic.errors import UsageError


@dataclass(frozen=True)
class PlannedStep:
    """``with journey.step(name, feature=…, actor=…)`` as it stands in the source."""

    name: str
    feature: str
    actor: str


def outline(
    journey: Callable[..., object], names: Mapping[str, str] | None = None
) -> tuple[PlannedStep, ...]:
    """The planned steps in order, those of the helpers it hands ``journey`` to included.

    ``names`` says which actor a helper's parameter stands for. Raises :class:`UsageError` where
    a step is not written out.
    """
    function = inspect.unwrap(journey)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.Call)),
        key=lambda call: (call.lineno, call.col_offset),
    )
    steps: list[PlannedStep] = []
    for call in calls:
        if _is_step(call.func):
            steps.append(_planned(call, names or {}))
        elif helper := _helper(call, function):
            steps += outline(helper, _actors(call, helper, names or {}))
    return tuple(steps)


def _is_step(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "step"
        and isinstance(function.value, ast.Name)
        and function.value.id == "journey"
    )


def _helper(call: ast.Call, function: Callable[..., object]) -> Callable[..., object] | None:
    if not isinstance(call.func, ast.Name):
        return None
    called = getattr(function, "__globals__", {}).get(call.func.id)
    takes_journey = inspect.isfunction(called) and "journey" in inspect.signature(called).parameters
    return called if takes_journey else None


def _actors(
    call: ast.Call, helper: Callable[..., object], names: Mapping[str, str]
) -> dict[str, str]:
    positional = zip(inspect.signature(helper).parameters, call.args, strict=False)
    given = [*positional, *((keyword.arg or "", keyword.value) for keyword in call.keywords)]
    return {
        parameter: names.get(value.id, value.id)
        for parameter, value in given
        if isinstance(value, ast.Name)
    }


def _planned(call: ast.Call, names: Mapping[str, str]) -> PlannedStep:
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    match call.args, words.get("feature"), words.get("actor"):
        case [ast.Constant(str(name))], ast.Constant(str(feature)), ast.Name(actor):
            return PlannedStep(name, feature, names.get(actor, actor))
        case [ast.Constant(str(name))], ast.Constant(str(feature)), ast.Constant(str(actor)):
            return PlannedStep(name, feature, actor)
    raise UsageError(
        f"line {call.lineno} of the journey: write the step's name and feature as plain strings "
        "and its actor as the fixture's name, since steps after a failure are read from there"
    )
