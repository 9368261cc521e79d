"""What an actor's pages carry of our trace: see ``traceparent.js``.

Only what scripts ask for (``fetch`` and ``XMLHttpRequest``) carries it, with which a product's own
traces begin: the page adds the header by itself. To add one to documents and pictures, each would
have to wait until we had been asked.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext

TRACE_COOKIE = "synthetic_trace"
"""Holds the ``traceparent`` of what goes on: no secret."""


def carry(context: BrowserContext, url: str, traceparent: str) -> None:
    """Let what scripts ask of the target at ``url`` from now on belong to a span.

    A cookie is there for all documents at once, the next ones too, and is set without asking any.
    """
    context.add_cookies([{"name": TRACE_COOKIE, "value": traceparent, "url": url}])
