"""A real Prometheus with an hour of a database's series answers the recipe's queries."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from synthetic import settings
from synthetic.sources.binding import bound
from synthetic.sources.gather import Gathered, gather
from tests.services.processes import started

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEP_S = 60


def history() -> Iterator[str]:
    """OpenMetrics: a database whose processors work 30 % and whose queries take some 20 ms."""
    for minute in range(61):
        at = (NOW - timedelta(hours=1) + timedelta(minutes=minute)).timestamp()
        rows = {
            'node_cpu_seconds_total{service_type="db",mode="idle",cpu="0"}': 42 * minute,
            'node_cpu_seconds_total{service_type="db",mode="user",cpu="0"}': 18 * minute,
            'node_memory_MemTotal_bytes{service_type="db"}': 4e9,
            'node_memory_MemAvailable_bytes{service_type="db"}': 3e9,
            "pg_stat_database_num_backends": 21,
            'pgbouncer_pools_client_maxwait_seconds{database="a"}': 0.2 if minute == 58 else 0,
            "pg_database_size_bytes": 7.5e9,
            "supavisor_client_query_duration_sum": 2000 * minute,
            "supavisor_client_query_duration_count": 100 * minute,
            'supavisor_client_query_duration_bucket{le="10"}': 50 * minute,
            'supavisor_client_query_duration_bucket{le="100"}': 100 * minute,
            'supavisor_client_query_duration_bucket{le="+Inf"}': 100 * minute,
            'odd{kind="<b>"}': 1,
            'odd{kind="nan"}': float("nan"),
        }
        yield from (f"{name} {value} {at:.0f}\n" for name, value in rows.items())


@pytest.fixture(scope="module")
def prometheus(
    server: Callable[[str, str], Path],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Debian's, with that history in its storage."""
    folder = tmp_path_factory.mktemp("prometheus")
    lines = sorted(history(), key=lambda line: line.split()[0].split("{")[0])
    (folder / "history.om").write_text("".join(lines) + "# EOF\n")
    (folder / "prometheus.yml").write_text("global: {}\n")
    promtool = [str(server("promtool", "prometheus")), "tsdb", "create-blocks-from"]
    command = [*promtool, "openmetrics", str(folder / "history.om"), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True)
    address = f"127.0.0.1:{free_port()}"
    command = [
        str(server("prometheus", "prometheus")), f"--web.listen-address={address}",
        f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y", "--log.level=error",
    ]  # fmt: skip
    with started(command, f"http://{address}/-/ready", folder / "log"):
        yield f"http://{address}"


def look(folder: Path, url: str, name: str = "prometheus", **more: str) -> Gathered:
    environ = {
        "SYNTHETIC_FEEDS__ON": name,
        f"SYNTHETIC_FEEDS__RECIPES__{name.upper()}__URL": url,
        **more,
    }
    feeds = bound(settings.load(folder, environ))

    async def one() -> Gathered:
        async with httpx.AsyncClient(verify=False) as client:
            return await gather(feeds, clock=lambda: NOW, client=client)

    return asyncio.run(one())


def own(folder: Path, url: str, query: str, labels: str = "") -> Gathered:
    """What a recipe of one's own gives for one query."""
    (folder / "mine.toml").write_text(
        'title = "Mine"\nkind = "promql"\ndocs = ["none"]\nsynthetic = "left out"\n'
        f"[metric.rooms]\nunit = \"count\"\nvalue = '''{query}'''\nlabels = [{labels}]\n"
    )
    return look(folder, url, "mine", SYNTHETIC_FEEDS__FOLDER=str(folder))


def test_the_recipes_queries_give_the_databases_figures(prometheus: str, tmp_path: Path) -> None:
    found = look(tmp_path, prometheus)
    assert not found.troubles
    assert {one.metric: one.value for one in found.samples} == pytest.approx(
        {
            "database_cpu": 30,
            "database_memory": 25,
            "database_connections": 21,
            "database_connection_wait": 200,
            "database_query_time": 20,
            "database_query_p95": 91,
            "database_size": 7.5,
        }
    )
    assert {one.at for one in found.samples} == {NOW}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(", "answered 400 (", ),
        ("nowhere", "gives nothing"),
        ("pg_database_size_bytes[5m]", "gives a matrix, where a vector or a scalar is meant"),
        ("node_cpu_seconds_total", "gives more than one row"),
        ('odd{kind="nan"}', "gives nan, which is no figure"),
        ("1 / 0", "gives inf, which is no figure"),
        ('"text"', "gives a string, where a vector or a scalar is meant"),
    ],
)  # fmt: skip
def test_a_query_that_gives_no_figure_is_trouble(
    query: str, said: str, prometheus: str, tmp_path: Path
) -> None:
    found = own(tmp_path, prometheus, query)
    assert not found.samples
    assert len(found.troubles) == 1
    assert said in found.troubles[0]


def test_a_scalar_is_a_figure_and_labels_are_kept(prometheus: str, tmp_path: Path) -> None:
    assert [one.value for one in own(tmp_path, prometheus, "scalar(sum(odd == 1))").samples] == [1]
    (sample,) = own(tmp_path, prometheus, 'odd{kind="<b>"}', '"kind"').samples
    assert sample.labels == {"kind": "<b>"}
