"""Builds what is released, and checks it: the tag, the changelog, and that nothing is missing.

Writes a wheel and a source archive to ``dist``. Exit code 1 and one sentence where they are not
fit to be released.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from synthetic.github.job import CannotGoOn, Job

DIST = Path("dist")
_BUILD = (
    "import sys; from setuptools import build_meta as b; into = sys.argv[1]; "
    "b.build_sdist(into); b.build_wheel(into)"  # either changes the arguments
)


def main(job: Job) -> int:
    """Build and check; the exit code."""
    try:
        version = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["version"]
        check_tag(job["GITHUB_REF_NAME"], version, Path("CHANGELOG.md").read_text("utf-8"))
        DIST.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-c", _BUILD, DIST], check=True, stdout=subprocess.DEVNULL)
        listed = subprocess.check_output(["git", "ls-files", "-z", "synthetic"], text=True)
        [wheel] = DIST.glob(f"synthetic-{version}-*.whl")
        with zipfile.ZipFile(wheel) as opened:
            check_whole(filter(None, listed.split("\0")), opened.namelist())
    except (CannotGoOn, subprocess.CalledProcessError) as error:
        job.say("error", str(error))
        return 1
    return 0


def check_tag(tag: str, version: str, changelog: str) -> None:
    """Raises :class:`CannotGoOn` unless the tag is the version's, and the changelog tells of it."""
    if tag != f"v{version}":
        raise CannotGoOn(f"The tag is {tag}, and pyproject.toml says {version}: make them agree.")
    if not any(line.startswith("#") and version in line for line in changelog.splitlines()):
        raise CannotGoOn(f"CHANGELOG.md has no heading for {version}: write what changed.")


def check_whole(tracked: Iterable[str], packed: Iterable[str]) -> None:
    """Raises :class:`CannotGoOn` where the wheel lacks what the package is made of."""
    lost = sorted(set(tracked) - set(packed))
    if lost:
        raise CannotGoOn(f"The wheel lacks {', '.join(lost[:5])}: see package-data.")


if __name__ == "__main__":
    sys.exit(main(Job.here()))
