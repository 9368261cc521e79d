"""Debian's Prometheus and Alertmanager on loopback, in a hurry: they look every 200 ms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.services.processes import started

EVERY_S = 0.2

_PROMETHEUS = """\
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
  evaluation_interval: 200ms
scrape_configs:
  - job_name: synthetic
    static_configs:
      - targets: ["{watcher}"]
rule_files: ["rules.yml"]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ["{alertmanager}"]
"""
_ALERTMANAGER = """\
route:
  receiver: everybody
  group_by: ["..."]
  group_wait: 0s
  group_interval: 1s
  routes:
    - receiver: everybody
      continue: true
    - receiver: incidents
      matchers: ['route =~ ".*#incident-response.*"']
receivers:
  - name: everybody
    webhook_configs: [{{url: "{webhook}/everybody"}}]
  - name: incidents
    webhook_configs: [{{url: "{webhook}/incidents"}}]
"""


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that runs."""

    url: str

    def query(self, expression: str) -> list[dict[str, str]]:
        """The label sets of what an expression finds now."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}).json()
        return [one["metric"] for one in answer["data"]["result"]]

    def groups(self) -> list[dict[str, Any]]:
        """The rule groups that it has loaded."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v1/rules").json()["data"]["groups"]
        return found


@contextmanager
def prometheus(
    binary: Path, address: str, rules: str, watcher: str, alertmanager: str, folder: Path
) -> Iterator[Prometheus]:
    """Scrapes ``watcher`` and tells ``alertmanager`` (hosts with ports) what ``rules`` find."""
    folder.mkdir()
    (folder / "rules.yml").write_text(rules, encoding="utf-8")
    config = folder / "prometheus.yml"
    config.write_text(_PROMETHEUS.format(watcher=watcher, alertmanager=alertmanager))
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with started(command, f"http://{address}/-/ready", folder / "log"):
        yield Prometheus(f"http://{address}")


@contextmanager
def alertmanager(binary: Path, address: str, webhook: str, folder: Path) -> Iterator[None]:
    """Posts every alert to ``webhook``, once for everybody, once for those that get incidents."""
    folder.mkdir()
    config = folder / "alertmanager.yml"
    config.write_text(_ALERTMANAGER.format(webhook=webhook))
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with started(command, f"http://{address}/-/ready", folder / "log"):
        yield
