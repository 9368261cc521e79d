"""The manifests: each location by itself, little rights, nothing that is not there."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from synthetic._settings_sources import DOTENV
from synthetic.settings import Settings
from synthetic.watch.journeys import LIMIT_S
from synthetic.watch.process import DRAIN_S
from synthetic.watch.schedule import MOST_SPREAD
from tests.unit.deploy.deployed import (
    DEPLOY,
    KUBERNETES,
    LIVE,
    OVERLAYS,
    built,
    parsed,
    pod_of,
    settings_known,
    settings_named,
    workloads,
)


def name_of(value: Any) -> str:
    return value.name if isinstance(value, Path) else str(value["metadata"]["name"])


@pytest.fixture(params=OVERLAYS, ids=name_of)
def overlay(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def workload(overlay: Path) -> dict[str, Any]:
    """What runs at a location."""
    (found,) = (one for one in workloads() if one["metadata"]["labels"]["location"] == overlay.name)
    return found


@pytest.fixture
def pod(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod_of(workload)["spec"]
    return found


@pytest.fixture
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod["containers"]
    assert isinstance(found, dict)
    return found


def test_both_ways_of_running_are_shown() -> None:
    assert sorted(one["kind"] for one in workloads()) == ["CronJob", "Deployment"]


def test_no_two_locations_share_a_name(overlay: Path) -> None:
    names = {(one["kind"], one["metadata"]["name"]) for one in built(overlay)}
    others = [other for other in OVERLAYS if other != overlay]
    assert not names & {
        (one["kind"], one["metadata"]["name"]) for other in others for one in built(other)
    }
    assert {one["metadata"]["namespace"] for one in built(overlay)} == {"synthetic"}


def test_the_pod_knows_where_it_stands(
    overlay: Path, workload: dict[str, Any], pod: dict[str, Any], container: dict[str, Any]
) -> None:
    assert pod_of(workload)["metadata"]["labels"]["location"] == overlay.name
    read = {one["name"]: one.get("valueFrom") for one in container["env"]}
    asked = {"fieldRef": {"fieldPath": "metadata.labels['location']"}}
    assert read["SYNTHETIC_LOCATION"] == asked
    assert pod["nodeSelector"].keys() == {"topology.kubernetes.io/region"}


def test_a_selector_finds_the_pods_of_its_location_and_no_others(overlay: Path) -> None:
    for one in built(overlay):
        selector = one["spec"].get("selector") if "spec" in one else None
        if selector is not None:
            found = selector.get("matchLabels", selector)
            assert found == {"app": "watcher", "location": overlay.name}


def test_all_that_is_mounted_is_there(overlay: Path, pod: dict[str, Any]) -> None:
    names = {(one["kind"], one["metadata"]["name"]) for one in built(overlay)}
    (container,) = pod["containers"]
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}
    for volume in pod["volumes"]:
        if "configMap" in volume:
            named = volume["configMap"]
            assert named.get("optional") or ("ConfigMap", named["name"]) in names
        elif "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            assert ("PersistentVolumeClaim", claim) in names
        elif "secret" in volume:
            assert ("Secret", volume["secret"]["secretName"]) in names
        else:
            assert "emptyDir" in volume


def test_the_pod_may_do_as_little_as_kubernetes_calls_restricted(
    pod: dict[str, Any], container: dict[str, Any]
) -> None:
    person, rights = pod["securityContext"], container["securityContext"]
    assert person["runAsNonRoot"] is True
    assert person["seccompProfile"] == {"type": "RuntimeDefault"}
    assert f"USER {person['runAsUser']}:{person['runAsGroup']}\n" in (
        DEPLOY / "Dockerfile"
    ).read_text("utf-8")
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert pod["automountServiceAccountToken"] is False
    assert container["resources"]["limits"]["memory"]


def test_services_of_the_namespace_do_not_become_settings(pod: dict[str, Any]) -> None:
    """`SYNTHETIC_WATCHER_PORT` is what a service of that name would be, and no setting."""
    assert pod["enableServiceLinks"] is False


def test_each_location_has_the_private_file_of_its_own_and_nothing_else(overlay: Path) -> None:
    """With it accounts of its own: which of them is taken is known on one machine only."""
    (given,) = (one["data"] for one in built(overlay) if one["kind"] == "Secret")
    text = f"SYNTHETIC_LOCATION={overlay.name}\n"
    assert given == {DOTENV: base64.b64encode(text.encode()).decode()}


def test_settings_and_scripts_exist(overlay: Path, container: dict[str, Any]) -> None:
    for one in built(overlay):
        text = yaml.safe_dump(one)
        assert settings_named(text) <= settings_known()
    commands = [container["args"]]
    for probe in (*LIVE, "readinessProbe"):
        commands += [container[probe]["exec"]["command"]] if probe in container else []
    for words in commands:
        if words[0] == "python":
            assert (DEPLOY.parent / words[1]).is_file()
        else:
            assert parsed(words)["port"] == container["ports"][0]["containerPort"] == 8080


def test_the_product_is_one_that_settings_take(overlay: Path) -> None:
    (given,) = (one["data"] for one in built(overlay) if one["kind"] == "ConfigMap")
    read = Settings.model_validate(tomllib.loads(given["synthetic.toml"]))
    assert read.base_url is not None


def test_smoke_runs_every_two_hours_once_and_for_no_longer_than_it_takes() -> None:
    (spec,) = (one["spec"] for one in workloads() if one["kind"] == "CronJob")
    minute, rest = spec["schedule"].split(" ", 1)
    assert (rest, spec["timeZone"]) == ("*/2 * * *", "Etc/UTC")
    assert int(minute) % 15 > MOST_SPREAD.total_seconds() / 60, "that is when a watcher runs it"
    assert spec["concurrencyPolicy"] == "Forbid"
    job = spec["jobTemplate"]["spec"]
    assert job["ttlSecondsAfterFinished"], "one that was begun by hand is none that the job keeps"
    assert (job["backoffLimit"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert LIMIT_S["smoke"] < job["activeDeadlineSeconds"] < 2 * 3600


def test_there_is_one_watcher_and_it_may_end_in_order() -> None:
    (spec,) = (one["spec"] for one in workloads() if one["kind"] == "Deployment")
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > DRAIN_S


def test_every_file_is_part_of_some_overlay() -> None:
    named = {path / "kustomization.yaml" for path in OVERLAYS}
    for folder in (path for path in KUBERNETES.rglob("*") if path.is_dir()):
        config = folder / "kustomization.yaml"
        if config.exists():
            read = yaml.safe_load(config.read_text("utf-8"))
            named |= {folder / one for one in read.get("resources", ())}
            named |= {folder / one / config.name for one in read.get("components", ())}
            files = [one for made in read.get("configMapGenerator", ()) for one in made["files"]]
            named |= {folder / one.partition("=")[2] for one in files}
            assert {one["files"][0] for one in read.get("secretGenerator", ())} <= {DOTENV}
    reached = {path / "kustomization.yaml" if path.is_dir() else path for path in named}
    resolved = {path.resolve() for path in reached}
    files_here = {path for path in KUBERNETES.rglob("*") if path.is_file()}
    assert resolved == {path for path in files_here if path.name != DOTENV}
