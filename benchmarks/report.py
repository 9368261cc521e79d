"""A measured figure, the sections of ``docs/figures.md``, and what benchmarks share."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

from synthetic.browser.launch import Feeds, browser_choice, switches

_ANYWHERE = "http://127.0.0.1/"  # never asked: the answer is made in the browser
_HEADER = """# Figures

Written by `make bench`; `python -m benchmarks NAME` makes one section anew and keeps the others.
Absolute times are one machine's; ratios and errors carry over.
"""


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``goal`` is the most it should be, ``count`` what it rests on."""

    name: str
    value: float
    unit: str
    goal: float | None
    count: int

    @property
    def missed(self) -> bool:
        """Whether it has a goal and is beyond it."""
        return self.goal is not None and self.value > self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"  (goal ≤ {self.goal:g} {self.unit})"
        return f"{self.name}: {_number(self.value)} {self.unit} of {self.count}{goal}".rstrip()


def progress(name: str, count: int) -> Iterator[int]:
    """Counts on standard error while long work goes on."""
    for number in range(count):
        print(f"\r{name}: {number + 1} of {count}", end="", file=sys.stderr, flush=True)
        yield number
    print(file=sys.stderr)


def section(text: str, figures: Sequence[Figure], reasons: Mapping[str, str]) -> str:
    """One section's body; ``reasons`` say why a figure misses its goal."""
    about = " ".join(text.split("\n\n    ")[0].split())
    rows = [_row(figure, reasons) for figure in figures]
    made = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()}"
    table = ["| figure | value | goal | of | |", "|---|---:|---:|---:|---|", *rows]
    return "\n".join([about, "", f"Measured on {made} cores.", "", *table]) + "\n"


def rewrite(document: Path, order: Sequence[str], fresh: Mapping[str, str]) -> None:
    """Put ``fresh`` sections, by title, into the document; those not measured now are kept."""
    old = document.read_text("utf-8") if document.exists() else ""
    kept = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n?)*)", old, re.MULTILINE))
    sections = {**{title: body.rstrip("\n") + "\n" for title, body in kept.items()}, **fresh}
    parts = [f"\n## {title}\n\n{sections[title]}" for title in order if title in sections]
    document.write_text(_HEADER + "".join(parts), "utf-8")


def _row(figure: Figure, reasons: Mapping[str, str]) -> str:
    goal = "" if figure.goal is None else f"≤ {figure.goal:g} {figure.unit}".rstrip()
    verdict = "" if figure.goal is None else "met"
    if figure.missed:
        verdict = f"**missed**: {reasons.get(figure.name, 'no reason known yet')}"
    value = f"{_number(figure.value)} {figure.unit}".rstrip()
    return f"| {figure.name} | {value} | {goal} | {figure.count} | {verdict} |"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def launch(playwright: Playwright) -> Browser:
    """A browser without camera or microphone, whose connections may stay on loopback."""
    nobody = Feeds(Path("none"), Path("none"))
    arguments = [
        one for one in switches(nobody, "none", loopback=True, headed=False) if "fake" not in one
    ]
    choice = browser_choice(None, Path(playwright.chromium.executable_path))
    return playwright.chromium.launch(args=arguments, **choice)


@contextmanager
def blank_page(playwright: Playwright, script: str, body: str = "") -> Iterator[Page]:
    """A page of a secure origin, in a browser of its own, in which ``script`` ran first."""
    browser = launch(playwright)
    try:
        context = browser.new_context(permissions=["camera", "microphone"])
        context.add_init_script(script)
        page = context.new_page()
        html = f"<!doctype html><meta charset=utf-8><title>Benchmark</title>{body}"
        page.route(_ANYWHERE, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(_ANYWHERE)
        yield page
    finally:
        browser.close()
