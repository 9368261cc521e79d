"""Vercel's REST API as it is documented: deployments, observability, Web Analytics."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.services.documented import MOMENT, Documented, said
from tests.services.vendor import Answer, Request

TEAM, PROJECT = "team_kulti", "prj_kulti"


def vercel() -> Documented:
    """Its REST API: deployments, observability, Web Analytics."""
    analytics = "/v1/query/web-analytics"
    return Documented(
        routes={
            ("GET", "/v6/deployments"): _deployments,
            ("POST", "/v2/observability/query"): _observability,
            ("GET", f"{analytics}/visits/aggregate"): _aggregated,
            ("GET", f"{analytics}/visits/count"): _visits,
            ("GET", f"{analytics}/events/count"): _events,
        }
    )


def _vercel_error(code: str, message: str, status: int = 400) -> Answer:
    return said(status, {"error": {"code": code, "message": message}})


def _deployments(request: Request) -> Answer:
    query = request.query
    if (query["teamId"], query["projectId"]) != (TEAM, PROJECT):
        return _vercel_error("forbidden", "Not authorized", 403)
    newest = {"uid": "dpl_2", "name": "kulti", "created": 1765275600000, "target": "production"}
    row = {**newest, "readyState": "READY", "state": "READY", "readySubstate": "PROMOTED"}
    pagination = {"count": 1, "next": 1765189200000, "prev": 1765275600000}
    rows = [{**row, "readyState": "BUILDING", "state": "BUILDING"}, row]
    wanted = query.get("state", "BUILDING,READY").split(",")
    shown = [one for one in rows if one["state"] in wanted][: int(query["limit"])]
    return said(200, {"deployments": shown, "pagination": pagination})


_SUMMARIES: dict[str, list[dict[str, Any]]] = {
    "vercel.function_invocation.function_duration_ms avg": [{"": 212.5}],
    "vercel.function_invocation.peak_memory_mb max": [
        {"": 180, "route": "/api/sessions/create"}, {"": 512, "route": "/api/hms/token"},
    ],
    "vercel.function_invocation.provisioned_memory_mb max": [{"": 2048}],
    "vercel.function_invocation.count sum": [
        {"": 970, "function_start_type": "hot"}, {"": 20, "function_start_type": "cold"},
        {"": 10, "function_start_type": "prewarmed"},
    ],
    "vercel.request.count sum": [
        {"": 4000, "http_status": "200"}, {"": 60, "http_status": "404"},
        {"": 7, "http_status": "429"},
    ],
    "vercel.request.fdt_total_bytes sum": [{"": 1_250_000_000}],
}  # fmt: skip


def _observability(request: Request) -> Answer:
    asked = json.loads(request.body)
    scope = {"type": "project", "ownerId": TEAM, "projectIds": [PROJECT]}
    if asked["scope"] != scope or request.query != {"teamId": TEAM}:
        return _vercel_error("forbidden", "Not authorized", 403)
    if not all(MOMENT.fullmatch(asked[name]) for name in ("startTime", "endTime")):
        return _vercel_error("bad_request", "startTime and endTime should be timestamps")
    if asked["filter"] != "environment eq 'production'":
        return _vercel_error("bad_request", "Invalid filter")
    rows = _SUMMARIES[f"{asked['metric']} {asked['aggregation']}"]
    for row in rows:
        if set(row) - {""} != set(asked.get("groupBy", [])):
            return _vercel_error("bad_request", "groupBy is not as the test expects")
    column = re.sub("[./]", "_", f"{asked['metric']}_{asked['aggregation']}")
    summary = [{column if name == "" else name: one for name, one in row.items()} for row in rows]
    statistics = {"rowsRead": 100, "bytesRead": 4096, "dbTimeSeconds": 0.02}
    return said(200, {"data": [], "summary": summary, "statistics": statistics})


def _aggregated(request: Request) -> Answer:
    if request.query["by"] != "country":
        return _vercel_error("bad_request", "by should be a dimension")
    rows = [
        {"country": "DE", "visitors": 60, "pageviews": 120},
        {"country": "FR", "visitors": 30, "pageviews": 41},
        {"country": "Others", "visitors": 10, "pageviews": 10},
    ]
    return _analytics(request, rows)


def _visits(request: Request) -> Answer:
    help_ = request.query.get("filter") == "startswith(requestPath, '/help')"
    return _analytics(request, {"visitors": 9, "pageviews": 14} if help_ else
                      {"visitors": 100, "pageviews": 171})  # fmt: skip


def _events(request: Request) -> Answer:
    names = {"eventName eq 'signup'": 8, "eventName eq 'search'": 33}
    count = names[request.query["filter"]]
    return _analytics(request, {"visitors": count, "count": count + 2})


def _analytics(request: Request, data: Any) -> Answer:
    query = request.query
    if query["projectId"] != PROJECT or not MOMENT.fullmatch(query["since"]):
        return _vercel_error("bad_request", "Invalid query")
    return said(200, {"version": 1, "query": {"since": query["since"]}, "data": data})
