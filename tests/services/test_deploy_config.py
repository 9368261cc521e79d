"""Prometheus and Alertmanager themselves take what deploy/ gives them, rules and flags included."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from synthetic.exports.grafana import PAGES
from tests.unit.deploy.deployed import DEPLOY, KUBERNETES, services

Server = Callable[[str, str], Path]
MADE = "/var/lib/synthetic/generated"


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Prometheus' container sees; what is made is made by the service's own command."""
    folder = tmp_path_factory.mktemp("etc")
    (folder / "generated").mkdir()
    shutil.copy(KUBERNETES / "base" / "product.toml", folder / "synthetic.toml")
    command = [str(one) for one in services()["generated"]["command"]]
    command[-1] = command[-1].replace(MADE, str(folder / "generated"))
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_prometheus_takes_its_configuration_and_the_rules(server: Server, mounted: Path) -> None:
    text = (DEPLOY / "prometheus.yml").read_text("utf-8")
    (mounted / "dashboard-token").write_text("0123456789abcdef")
    (mounted / "prometheus.yml").write_text(text.replace("/run/secrets/", f"{mounted}/"))
    command = [str(server("promtool", "prometheus")), "check", "config", "prometheus.yml"]
    done = subprocess.run(command, cwd=mounted, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1 rule files found" in done.stdout
    assert "rules found" in done.stdout


def test_the_alert_that_alertmanager_tells_of_is_one_of_the_rules(
    server: Server, mounted: Path
) -> None:
    config = DEPLOY / "alertmanager.yml"
    amtool = str(server("amtool", "prometheus-alertmanager"))
    done = subprocess.run([amtool, "check-config", config], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '- alert: "no-data"' in (mounted / "generated" / "synthetic-rules.yml").read_text()
    routed = [amtool, "config", "routes", "test", f"--config.file={config}"]
    for alert, receiver in (("no-data", "slack"), ("a-site-down", "nobody")):
        done = subprocess.run([*routed, f"alertname={alert}"], capture_output=True, text=True)
        assert done.stdout.strip() == receiver


def test_grafana_finds_a_dashboard_for_each_page(mounted: Path) -> None:
    made = {path.name for path in (mounted / "generated" / "dashboards").iterdir()}
    assert len(made) == len(PAGES)


@pytest.mark.parametrize(
    ("service", "package"),
    [("prometheus", "prometheus"), ("alertmanager", "prometheus-alertmanager")],
)
def test_each_flag_is_one(server: Server, service: str, package: str) -> None:
    done = subprocess.run([server(package, package), "--help"], capture_output=True, text=True)
    known = done.stdout + done.stderr
    for flag in services()[service]["command"]:
        assert f"{flag.partition('=')[0]}=" in known
