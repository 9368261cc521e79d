"""Whether an answer came from a cache, by what its headers say. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = ("x-vercel-cache", "cf-cache-status", "x-cache")
_HITS = ("hit", "stale", "updating", "revalidated", "prerender")
_MISSES = ("miss", "expired")


def cache_hit(headers: Mapping[str, str]) -> bool | None:
    """``True``: from a cache; ``False``: could have been; ``None``: unknown.

    ``headers`` are looked up in lower case. Names and words are those of Vercel, Cloudflare,
    CloudFront and Fastly, whose ``X-Cache`` names each cache on the way.
    """
    for name in _NAMES:
        said = headers.get(name, "").lower()
        if any(word in said for word in _HITS):
            return True
        if any(word in said for word in _MISSES):
            return False
    age = headers.get("age", "").strip()
    return True if age.isascii() and age.isdecimal() and int(age[:9]) else None


def kept_out(headers: Mapping[str, str]) -> bool:
    """Whether the product wants no shared cache to answer unasked: then a miss is no loss.

    ``max-age=0, must-revalidate`` is what Vercel says where the product says nothing.
    """
    said = {part.strip() for part in headers.get("cache-control", "").lower().split(",")}
    if any(part.startswith(("no-store", "private", "no-cache")) for part in said):
        return True
    shared = [part for part in said if part.startswith("s-maxage=")]
    return "s-maxage=0" in said or (not shared and "max-age=0" in said)
