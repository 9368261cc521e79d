"""Each file of deploy/ is what its published schema says, and a worse one would not be."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from synthetic._settings_sources import DOTENV
from tests.unit.deploy.deployed import DEPLOY, OVERLAYS, against, built, compose


def name_of(path: Path) -> str:
    return path.name


def test_the_compose_file_is_one() -> None:
    assert against("compose", compose()) == []


@pytest.mark.parametrize("overlay", OVERLAYS, ids=name_of)
def test_what_an_overlay_comes_to_is_what_kubernetes_takes(overlay: Path) -> None:
    found = {one["kind"]: against("kubernetes", one, one["kind"]) for one in built(overlay)}
    assert {"ConfigMap", "PersistentVolumeClaim", "Secret"} < found.keys()
    assert not any(found.values()), found


@pytest.mark.parametrize("part", ["datasources", "dashboards"])
def test_grafana_knows_each_field_that_it_is_provisioned_with(part: str) -> None:
    document = yaml.safe_load((DEPLOY / "grafana" / f"{part}.yaml").read_text("utf-8"))
    assert against("grafana", document, part) == []


def test_a_misspelt_key_would_be_seen() -> None:
    worse: Any = copy.deepcopy(compose())
    worse["services"]["watcher"]["read-only"] = True
    assert "'read-only' was unexpected" in str(against("compose", worse))
    one: Any = copy.deepcopy(next(one for one in built(OVERLAYS[-1]) if one["kind"] == "CronJob"))
    one["spec"]["concurencyPolicy"] = "Forbid"
    assert "'concurencyPolicy' was unexpected" in str(against("kubernetes", one, "CronJob"))
    one["spec"] = {"schedule": 5}
    assert len(against("kubernetes", one, "CronJob")) == 2
    private: Any = copy.deepcopy(next(one for one in built(OVERLAYS[0]) if one["kind"] == "Secret"))
    private["data"] = {".env": {"SYNTHETIC_LOCATION": "here"}}
    assert "is not of type" in str(against("kubernetes", private, "Secret"))


def test_every_file_of_the_folder_is_looked_at_by_some_test() -> None:
    known = {"compose.yaml", "Dockerfile", "alertmanager.yml", "prometheus.yml"}
    known |= {"grafana/dashboards.yaml", "grafana/datasources.yaml", "healthy.py", "smoke.py"}
    files = {path.relative_to(DEPLOY) for path in DEPLOY.rglob("*") if path.is_file()}
    files -= {Path(DOTENV)}
    others = {path for path in files if path.parts[0] not in ("kubernetes", "__pycache__")}
    assert {str(path) for path in others} == known
