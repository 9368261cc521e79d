"""The one script that runs first in every document: locators, the clock, media proof, masks."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from synthetic.browser.tracing import TRACE_COOKIE
from synthetic.media.delays import LONGEST_PICTURE_MS
from synthetic.media.mark import LAYOUT, ROLES
from synthetic.media.microphone import TONES_HZ

_RELAY = ("synthetic.media", "relay.js")
_TRACE = ("synthetic.browser", "traceparent.js")
_PARTS = (
    ("synthetic.browser", "locate.js"),
    ("synthetic.media", "mark.js"),
    ("synthetic.media", "voices.js"),
    ("synthetic.media", "pictures.js"),
    ("synthetic.media", "connections.js"),
    ("synthetic.media", "devices.js"),
    ("synthetic.browser", "vitals.js"),
    ("synthetic.browser", "masking.js"),
    ("synthetic.browser", "stopwatch.js"),
)
_ARMED = "__syntheticArmed"


@cache
def page_script(*, relayed: bool = False, filmed: bool = False, traced: str | None = None) -> str:
    """The init script; it defines ``__synthetic`` in every document and frame.

    ``relayed`` leads the page's peer connections through the network that a test can break;
    ``filmed`` covers addresses and codes in texts as they appear, not only for a picture;
    ``traced`` is the address at whose origin scripts' requests carry the trace that
    :data:`TRACE_COOKIE` names.
    """
    tones = [TONES_HZ[role] for role in ROLES]
    trace = {"traced": {"url": traced, "cookie": TRACE_COOKIE}} if traced else {}
    told = {"layout": LAYOUT, "tones": tones, "filmed": filmed, "longestWayMs": LONGEST_PICTURE_MS}
    config = json.dumps({**told, **trace})
    chosen = [*_PARTS, *([_RELAY] if relayed else []), *([_TRACE] if traced else [])]
    parts = "\n".join(
        f"({resources.files(package).joinpath(name).read_text('utf-8')})(synthetic, config);"
        for package, name in chosen
    )
    return (
        "(() => { if (globalThis.__synthetic) return;"
        f"const synthetic = {{}}, config = {config};\n"
        "Object.defineProperty(globalThis, '__synthetic', { value: synthetic });\n"
        f"{parts}\n"
        f"if (globalThis.{_ARMED}) synthetic.arm(globalThis.{_ARMED}, true); }})();"
    )


def arming_script(watches: list[dict[str, object]]) -> str:
    """An init script that arms ``watches`` at the start of each new document.

    Init scripts run in no stated order, so it works before and after :func:`page_script`.
    """
    armed = json.dumps(watches)
    return (
        f"(() => {{ const armed = {armed}; globalThis.{_ARMED} = armed;"
        "globalThis.__synthetic?.arm(armed, true); })();"
    )
