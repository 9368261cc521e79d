"""The steps that a journey's source announces, so that those after a failure can be recorded."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from synthetic.errors import UsageError


@dataclass(frozen=True)
class PlannedStep:
    """``with journey.step(name, feature=…, actor=…)`` as it stands in the source."""

    name: str
    feature: str
    actor: str


def outline(journey: Callable[..., object]) -> tuple[PlannedStep, ...]:
    """The planned steps in order; raises :class:`UsageError` where one is not written out."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(journey)))
    calls = [
        item.context_expr
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
    ]
    steps = [call for call in calls if isinstance(call, ast.Call) and _is_step(call.func)]
    return tuple(_planned(call) for call in sorted(steps, key=lambda call: call.lineno))


def _is_step(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "step"
        and isinstance(function.value, ast.Name)
        and function.value.id == "journey"
    )


def _planned(call: ast.Call) -> PlannedStep:
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    match call.args, words.get("feature"), words.get("actor"):
        case [ast.Constant(str(name))], ast.Constant(str(feature)), ast.Name(actor):
            return PlannedStep(name, feature, actor)
    raise UsageError(
        f"line {call.lineno} of the journey: write the step's name and feature as plain strings "
        "and its actor as the fixture's name, since steps after a failure are read from there"
    )
