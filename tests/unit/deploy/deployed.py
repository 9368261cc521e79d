"""What deploy/ holds, as those read it who run it: YAML, built overlays, schemas, tools."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from synthetic import cli, settings
from synthetic._settings_sources import DOTENV

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = sorted((KUBERNETES / "overlays").iterdir())
BY_HAND = {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}
"""What docs/deploy.md lets one put into deploy/.env, which nobody but Compose reads."""
LIVE = ["startupProbe", "livenessProbe"]
"""Whose failure ends a process."""
_HERE = Path(__file__).parent
_PINNED = _HERE / "tools.txt"


@cache
def compose() -> dict[str, Any]:
    """The Compose file, its anchors followed."""
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def services() -> dict[str, dict[str, Any]]:
    """The Compose file's services by name."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


@cache
def built(overlay: Path) -> tuple[dict[str, Any], ...]:
    """The objects that an overlay comes to, as kustomize makes them; ``.env`` names the place."""
    with tempfile.TemporaryDirectory() as folder:
        copied = shutil.copytree(KUBERNETES, Path(folder, "kubernetes"))
        place = copied / "overlays" / overlay.name
        (place / DOTENV).write_text(f"SYNTHETIC_LOCATION={overlay.name}\n")
        command = [tool("kubectl"), "kustomize", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    """The template of a workload's pods."""
    spec = workload["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {}).get("spec", spec)["template"]
    return found


def workloads() -> Iterator[dict[str, Any]]:
    """What runs somewhere, in any overlay."""
    for overlay in OVERLAYS:
        yield from (one for one in built(overlay) if one["kind"] in ("CronJob", "Deployment"))


def against(schema: str, document: Any, part: str = "") -> list[str]:
    """What a published schema, or a part of it, has to say of a document."""
    whole = json.loads((_HERE / "schemas" / f"{schema}.json").read_text("utf-8"))
    if part:
        (name,) = (one for one in whole["$defs"] if one.rpartition(".")[2] == part)
        whole = {"$schema": whole["$schema"], "$defs": whole["$defs"], "$ref": f"#/$defs/{name}"}
    found = jsonschema.Draft202012Validator(whole).iter_errors(document)
    return [f"{one.json_path}: {one.message}" for one in found]


@cache
def tool(name: str) -> str:
    """A tool of tools.txt, which the package index has; installed once beside what runs this."""
    version = hashlib.sha256(_PINNED.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix) / "tools" / version
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin" / name).exists():
            _install(folder)
    return str(folder / "bin" / name)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    wanted = ["--no-deps", "--require-hashes", "--target", str(folder), "-r", str(_PINNED)]
    done = subprocess.run([*pip, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        advice = f"{_PINNED.name} could not be installed: {done.stderr[-500:]}"
        pytest.fail(advice) if os.environ.get("CI") else pytest.skip(advice)


def parsed(words: list[str]) -> dict[str, Any]:
    """What ``synthetic`` takes these words for, options by name; it fails on what it has not."""
    program, name, *rest = words
    assert program == "synthetic"
    group = typer.main.get_command(cli.app)
    assert isinstance(group, typer.core.TyperGroup)
    return group.commands[name].make_context(name, rest).params


def settings_named(text: str) -> set[str]:
    """Every name in a text that looks like a setting's."""
    return set(re.findall(r"\bSYNTHETIC_[A-Z0-9_]+", text))


def settings_known() -> set[str]:
    """Every setting's name."""
    return {one.name for one in settings.describe()}
