"""Local servers in the places of 100ms, Sentry, Upstash, GitHub and Supabase, as documented."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.services.documented import MOMENT, Documented, Responder, said
from tests.services.vendor import Answer, Request

# --- 100ms ------------------------------------------------------------------------------------


def hms() -> Documented:
    """Its server-side API: lists with ``limit``, ``start`` and ``last``."""
    return Documented(
        routes={
            ("GET", "/v2/sessions"): lambda request: _paged(request, _sessions(request)),
            ("GET", "/v2/rooms"): lambda request: _paged(request, _rooms(request)),
            ("GET", "/v2/templates"): lambda request: _paged(request, [{"id": "t1"}]),
            ("GET", "/v2/recording-assets"): lambda request: _paged(request, _ASSETS),
        }
    )


_ASSETS = [
    {"id": "asset2", "type": "room-composite", "size": 364582, "status": "completed"},
    {"id": "asset1", "type": "room-composite", "size": 0, "status": "failed"},
]


def _paged(request: Request, rows: list[dict[str, Any]]) -> Answer:
    limit = int(request.query["limit"])
    if not 10 <= limit <= 100:
        return said(400, {"code": 400, "message": "limit should be 10 to 100"})
    ids = [row["id"] for row in rows]
    start = ids.index(request.query["start"]) + 1 if "start" in request.query else 0
    page = rows[start : start + limit]
    last = page[-1]["id"] if page else ""
    return said(200, {"limit": limit, "data": page, "last": last})


def _sessions(request: Request) -> list[dict[str, Any]]:
    if request.query["active"] == "true":
        return [_session(f"a{number}", ["11:50:00", None]) for number in range(120)]
    assert MOMENT.fullmatch(request.query["after"])
    return [_session(f"e{number}", ["11:10:00", "11:20:00"]) for number in range(130)]


def _session(name: str, stay: list[str | None]) -> dict[str, Any]:
    joined, left = (f"2026-12-09T{time}.194Z" if time else None for time in stay)
    peer = {"id": f"p-{name}", "session_id": name, "name": "Ann", "role": "host",
            "user_id": "1", "joined_at": joined, "left_at": left}  # fmt: skip
    return {"id": name, "room_id": f"r-{name}", "active": left is None, "peers": {peer["id"]: peer},
            "created_at": joined, "updated_at": joined}  # fmt: skip


def _rooms(request: Request) -> list[dict[str, Any]]:
    assert MOMENT.fullmatch(request.query["after"])
    day = request.query["after"].startswith("2026-11-09")
    return [
        {"id": f"r{number}", "name": "x", "enabled": True} for number in range(250 if day else 4)
    ]


# --- Sentry -----------------------------------------------------------------------------------


def sentry(people: tuple[str, ...]) -> Documented:
    """Its API; ``people`` are those whose errors should be left out."""
    organization = "/api/0/organizations/kulti"
    query = " ".join(["level:fatal", *(f"!user.email:{one}" for one in people)])
    wanted = {"dataset": "errors", "field": "count()", "query": query, "statsPeriod": "1h"}

    def events(request: Request) -> Answer:
        if request.query != wanted:
            return said(400, {"detail": f"Invalid query: {request.query}"})
        fields = {"count()": "integer"}
        return said(200, {"data": [{"count()": 3}], "meta": {"fields": fields}})

    return Documented(
        routes={
            ("GET", f"{organization}/events/"): events,
            ("GET", f"{organization}/stats_v2/"): _stats,
            ("GET", f"{organization}/workflows/"): _linked(
                [[{"id": "1", "enabled": True}], [{"id": "2", "enabled": True}]]
            ),
            ("GET", f"{organization}/integrations/"): _linked(
                [[{"id": "1", "status": "active"}, {"id": "2", "status": "disabled"}]]
            ),
        }
    )


def _stats(request: Request) -> Answer:
    query = request.query
    month = query.get("statsPeriod") == "30d"
    if query["field"] != "sum(quantity)" or query["category"] != "error":
        return said(400, {"detail": "Invalid field or category"})
    if not month and not MOMENT.fullmatch(query["start"]):
        return said(400, {"detail": "start should be a moment"})
    rows = [
        {"by": {"outcome": "accepted"}, "totals": {"sum(quantity)": 4000 if month else 150},
         "series": {"sum(quantity)": [150]}},
        {"by": {"outcome": "rate_limited"}, "totals": {"sum(quantity)": 12},
         "series": {"sum(quantity)": [12]}},
    ]  # fmt: skip
    return said(200, {"start": "-", "end": "-", "intervals": ["-"], "groups": rows})


def _linked(pages: list[list[Any]]) -> Responder:
    """Pages by cursors in the Link header, which also names the one behind the last."""

    def respond(request: Request) -> Answer:
        number = int(request.query.get("cursor", "0:0:0").split(":")[1])
        more = "true" if number + 1 < len(pages) else "false"
        following = urlencode({"cursor": f"0:{number + 1}:0"})
        # As Sentry's, with its own address, which is not ours.
        link = f'<https://elsewhere.test{request.path}?{following}>; rel="next"; results="{more}"'
        return said(200, pages[number], {"Link": link})

    return respond


# --- Upstash, GitHub, Supabase ----------------------------------------------------------------


def upstash() -> Documented:
    """Its Developer API."""
    series = [{"x": "2026-12-09 12:10:52.799480932 +0000 UTC", "y": value} for value in (30, 50)]
    stats = {"daily_net_commands": 7, "hits": series, "misses": [{**series[0], "y": 20}]}
    return Documented(
        routes={("GET", "/v2/redis/stats/db-1"): lambda _: said(200, stats)},
        basic="ops@kulti.test",
    )


def github() -> Documented:
    """Dependabot's alerts, by pages of a Link header that ends."""
    rows = [
        {"number": 3, "state": "fixed", "fixed_at": "2026-12-09T08:00:00Z"},
        {"number": 2, "state": "fixed", "fixed_at": "2026-12-08T08:00:00Z"},
        {"number": 1, "state": "fixed", "fixed_at": "2026-12-02T08:00:00Z"},
        {"number": 0, "state": "fixed", "fixed_at": "2026-11-30T08:00:00Z"},
    ]

    def alerts(request: Request) -> Answer:
        if request.query.get("state") != "fixed":
            return said(422, {"message": "Validation Failed"})
        if request.query.get("after"):
            return said(200, rows[2:])
        query = urlencode({**request.query, "after": "Y3Vyc29y"})
        link = f'<https://elsewhere.test{request.path}?{query}>; rel="next"'
        return said(200, rows[:2], {"Link": link})

    return Documented(routes={("GET", "/repos/kulti/app/dependabot/alerts"): alerts})


def supabase() -> Documented:
    """Its Metrics API; processors have worked more at every look, a quarter of the time."""
    looks = [0]

    def metrics(_: Request) -> Answer:
        looks[0] += 1
        return Answer(200, EXPOSITION.format(idle=750 * looks[0], user=250 * looks[0]))

    path = "/customer/v1/privileged/metrics"
    return Documented(routes={("GET", path): metrics}, basic="service_role")


EXPOSITION = """\
# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{{supabase_project_ref="kulti",service_type="db",cpu="0",mode="idle"}} {idle}
node_cpu_seconds_total{{supabase_project_ref="kulti",service_type="db",cpu="0",mode="user"}} {user}
# TYPE node_memory_MemTotal_bytes gauge
node_memory_MemTotal_bytes{{supabase_project_ref="kulti",service_type="db"}} 4e+09
node_memory_MemAvailable_bytes{{supabase_project_ref="kulti",service_type="db"}} 1e+09
# TYPE pg_stat_database_num_backends gauge
pg_stat_database_num_backends{{service_type="postgresql",server="localhost:5432"}} 17 1765282800000
pgbouncer_pools_client_maxwait_seconds{{service_type="db",database="pgbouncer"}} 0
pgbouncer_pools_client_maxwait_seconds{{service_type="db",database="postgres"}} 0.012
pg_database_size_mb{{service_type="postgresql",server="localhost:5432"}} 2048.5
# Names of labels may come twice, and values may hold anything.
supavisor_connections_active{{project="a",name="say \\"}}\\", \\\\",project="b"}} 1
"""
