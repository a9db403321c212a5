"""The program as it is installed: a wheel, built of what is in the repository, without editing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import ROOT
from tests.deploy.installed import Installed, fresh

SECONDS = 120


@pytest.fixture(scope="package")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean checkout: what git has of this one, as it is now."""
    checkout = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=SECONDS
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    return checkout


@pytest.fixture(scope="package")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of the source distribution as a release builds it."""
    built = tmp_path_factory.mktemp("dist")
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built))
    subprocess.run(command, cwd=source, check=True, timeout=SECONDS)
    (wheel,) = built.glob("*.whl")
    assert len(list(built.iterdir())) == 2
    return wheel


@pytest.fixture(scope="package")
def prefix(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the program, which has what it needs from this one."""
    prefix = tmp_path_factory.mktemp("prefix")
    run = (sys.executable, "-m", "venv", "--without-pip", str(prefix))
    subprocess.run(run, check=True, timeout=SECONDS)
    pip = (sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python"), "install")
    only = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    subprocess.run([*pip, *only, str(wheel)], check=True, timeout=SECONDS)
    (packages,) = prefix.glob("lib/python*/site-packages")
    # A path in there is searched, but its own .pth files are not read: an editable installation
    # of this checkout stays out.
    libraries = [path for path in sys.path if Path(path).name == "site-packages"]
    (packages / "libraries.pth").write_text("\n".join(libraries), "utf-8")
    return prefix


@pytest.fixture
def installed(prefix: Path, tmp_path: Path) -> Installed:
    """The installed program, with directories of its own."""
    return fresh(prefix, tmp_path)
