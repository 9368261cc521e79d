"""What the gate came to, as Markdown for the pull request, whatever the texts in it hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthetic.github.summary import SIGNS, cell

_ROWS = 40
_LONGEST = 400
_CONCLUSIONS = {"worse": "❌", "open": "⚪", "fine": "✅"}
_ORDER = {name: number for number, name in enumerate(_CONCLUSIONS)}
_LAST = len(_ORDER)
_HEADS = {
    "passed": "The gate lets it through",
    "degraded": "The gate lets it through, degraded",
    "failed": "The gate blocks it",
    "inconclusive": "The gate is inconclusive: no pass, and not the candidate's fault",
}


def told(decision: Mapping[str, Any], target: str) -> str:
    """Verdict, why, and how the candidate stands to the baseline, the worst first.

    The baseline goes by the name that the gate gives it: its address may be a database's, with a
    password in it.
    """
    return "\n".join(_lines(decision, target))


def _sentences(found: object) -> list[str]:
    """What stands in a list of sentences, not too much of it."""
    listed = found if isinstance(found, list) else [found]
    return [str(one)[:_LONGEST] for one in listed if one]


def _lines(decision: Mapping[str, Any], target: str) -> Iterator[str]:
    verdict = str(decision.get("verdict"))
    blocks = decision.get("code") == 1
    head = _HEADS["failed"] if blocks else _HEADS[verdict]
    yield f"### {SIGNS['failed' if blocks else verdict]} {head}"
    yield ""
    baseline = decision.get("baseline")
    yield cell(target) + (f" against {cell(str(baseline))}" if baseline else ", against nothing")
    yield ""
    why = _sentences(decision.get("why")) or ["The gate ended before it came to a verdict."]
    yield from (f"- {cell(one, _LONGEST)}" for one in [*why, *_sentences(decision.get("notes"))])
    comparison = decision.get("comparison")
    differences = comparison.get("differences") if isinstance(comparison, dict) else None
    if isinstance(differences, list):
        yield from _table([one for one in differences if isinstance(one, dict)])


def _table(differences: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield ""
    yield "| | figure | candidate | baseline | worse by | p |"
    yield "|---|---|--:|--:|--:|--:|"
    worst = sorted(differences, key=lambda one: _ORDER.get(str(one.get("conclusion")), _LAST))
    for one in worst[:_ROWS]:
        sign = _CONCLUSIONS.get(str(one.get("conclusion")), "")
        unit = cell(str(one.get("unit") or ""), 10)
        figures = [_amount(one.get(name), unit) for name in ("candidate", "baseline", "worse_by")]
        figures.append(_amount(one.get("p"), ""))
        yield f"| {sign} | {cell(str(one.get('name')))} | {' | '.join(figures)} |"
    if len(worst) > _ROWS:
        yield f"\n{len(worst) - _ROWS} more are in the evidence."


def _amount(value: object, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip() if isinstance(value, int | float) else "–"
