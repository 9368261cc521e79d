"""The Compose file's parts fit each other, this project, and what it says is made by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from synthetic._settings_sources import DOTENV, TOML
from synthetic.dashboard.security import Access
from synthetic.settings import Settings
from synthetic.watch.process import DRAIN_S
from tests.unit.deploy.deployed import (
    BY_HAND,
    DEPLOY,
    ROOT,
    compose,
    parsed,
    services,
    settings_known,
    settings_named,
)

OURS = ("watcher", "generated")
OPTIONAL = {"DASHBOARD_HOST", "OWN_FILES"}
TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """What a service mounts, by where."""
    found = {}
    for one in service.get("volumes", ()):
        parts = one.split(":") if isinstance(one, str) else (one["source"], one["target"])
        found[parts[1]] = parts[0]
    return found


@pytest.mark.parametrize("name", services())
def test_what_is_mounted_is_there_or_init_writes_it(name: str) -> None:
    for source in mounts(services()[name]).values():
        if source.startswith("../"):
            assert source == f"../{TOML}"
        elif source.startswith("${"):
            assert (DEPLOY / source.removesuffix("}").rpartition(":-")[2]).is_dir()
        elif source.startswith("./"):
            assert (DEPLOY / source).is_file()
        else:
            assert source in compose()["volumes"]


def test_volumes_and_secrets_are_used_and_no_secret_stands_here() -> None:
    used = {source for one in services().values() for source in mounts(one).values()}
    assert set(compose()["volumes"]) == {one for one in used if "/" not in one}
    asked = {name for one in services().values() for name in one.get("secrets", ())}
    assert set(compose()["secrets"]) == asked
    assert all(one.keys() == {"environment"} for one in compose()["secrets"].values())
    assert {services()[name]["env_file"] for name in OURS} == {f"../{DOTENV}"}


def test_each_variable_is_a_setting_or_made_by_hand() -> None:
    assert len(settings_named(TEXT)) > 3
    assert settings_named(TEXT) <= settings_known()
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == BY_HAND | OPTIONAL
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert all(f"`{name}" in page for name in OPTIONAL)
    assert not re.findall(r"\$\{\w+\}", TEXT), "unset, it would be empty without a word"


def test_the_watcher_is_started_as_the_command_takes_it_and_reached_as_named() -> None:
    watcher = services()["watcher"]
    given = parsed(watcher["command"])
    assert given["port"] == 8080
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert target == f"watcher:{given['port']}"
    hosts = watcher["environment"]["SYNTHETIC_DASHBOARD__HOSTS"]
    dashboard = {"hosts": hosts, "token": "0123456789abcdef"}
    read = Settings.model_validate({"dashboard": dashboard})
    assert Access.of(read, given["host"]).names_us(target)


def test_the_watcher_alone_is_asked_whether_it_evaluates() -> None:
    """Anything else that the image runs is healthy as long as it runs."""
    assert "HEALTHCHECK" not in (DEPLOY / "Dockerfile").read_text("utf-8")
    asked, *words = services()["watcher"]["healthcheck"]["test"]
    assert (asked, words) == ("CMD", ["python", "deploy/healthy.py"])


def test_the_history_is_the_postgresql_beside_it() -> None:
    url = make_url(services()["watcher"]["environment"]["SYNTHETIC_STORE_URL"])
    given = services()["postgres"]["environment"]
    assert (url.host, url.username) == ("postgres", given["POSTGRES_USER"])
    assert url.database == given["POSTGRES_USER"], "which it makes unless told another"
    assert url.password == given["POSTGRES_PASSWORD"]


def test_prometheus_and_grafana_look_where_things_are() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    (rules,) = config["rule_files"]
    script = services()["generated"]["command"][-1]
    made = mounts(services()["generated"])
    here = next(target for target, source in made.items() if source == "generated")
    assert mounts(services()["prometheus"])["/etc/prometheus/generated"] == "generated"
    assert f"{here}/{rules.removeprefix('generated/')}" in script
    (provider,) = yaml.safe_load((DEPLOY / "grafana" / "dashboards.yaml").read_text())["providers"]
    folder = provider["options"]["path"]
    assert mounts(services()["grafana"])[folder.rpartition("/")[0]] == "generated"
    assert f"--grafana {here}/{folder.rpartition('/')[2]}" in script
    (source,) = yaml.safe_load((DEPLOY / "grafana" / "datasources.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (told,) = config["alerting"]["alertmanagers"][0]["static_configs"]
    assert told["targets"] == ["alertmanager:9093"]


def test_credentials_are_read_where_secrets_are_mounted() -> None:
    for name in ("prometheus", "alertmanager"):
        read = set(re.findall(r"/run/secrets/(\S+)", (DEPLOY / f"{name}.yml").read_text("utf-8")))
        assert read == set(services()[name]["secrets"])


@pytest.mark.parametrize("name", services())
def test_a_service_may_do_little_and_only_this_machine_reaches_it(name: str) -> None:
    service = services()[name]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("cap_drop") == ["ALL"] or name == "postgres", "which takes its files over"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert re.search(r":v?\d+\.\d+", service["image"]) or service["image"] == "synthetic:local"
    assert not {"privileged", "network_mode", "pid", "cap_add"} & service.keys()


@pytest.mark.parametrize("name", OURS)
def test_ours_write_to_volumes_only(name: str) -> None:
    assert services()[name]["read_only"] is True
    assert services()[name]["tmpfs"] == "/tmp"


def test_the_watcher_has_the_time_that_it_takes_to_end_in_order() -> None:
    assert services()["watcher"]["stop_grace_period"] == "2m"
    assert DRAIN_S < 120
