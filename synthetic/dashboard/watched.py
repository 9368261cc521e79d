"""What a dashboard is about: whose history, held against which plan, at what time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from synthetic.dashboard.past import Past
from synthetic.evaluate.phases import phase_at
from synthetic.plan.model import Phase, Plan
from synthetic.settings import Settings
from synthetic.store.history import Store

STANDIN = "stand-in"


@dataclass(frozen=True)
class Watched:
    """Everything that a view may ask; ``host`` is the address that the dashboard listens on."""

    store: Store
    plan: Plan
    settings: Settings
    target: str
    clock: Callable[[], datetime]
    host: str = "127.0.0.1"
    past: Past = field(default_factory=Past, compare=False, repr=False)

    def phase(self, at: datetime) -> Phase:
        """The phase of the plan at a moment."""
        return phase_at(self.plan, self.settings.launch_at, at)
