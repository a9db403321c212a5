"""What others have written: pinned by its hash, of a licence that goes with ours, and audited."""

import re
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.audit import FAULTY, FILES, FINE, UNKNOWN, verdict
from tests.commands import ROOT

# What lets anybody use, change and pass on the program under the MIT licence.
FREE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT",
    "MIT-0", "PSF-2.0", "Unlicense",
}  # fmt: skip
# As classifiers call them.
CALLED = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*==[^ ;\\]+")


def entries(file: str) -> list[str]:
    """The entries of a lock file, each with its hashes, without comments."""
    lines = (ROOT / file).read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_by_hashes_and_comes_from_nowhere_else(file: str) -> None:
    found = entries(file)
    assert len(found) > 10
    for entry in found:
        assert NAME.match(entry), entry
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), entry
        assert "://" not in entry


def test_what_is_installed_is_what_its_hash_says() -> None:
    """pip looks at the hashes only if it is told to, so every call of it has to."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = [line for line in makefile.splitlines() if "pip install" in line]
    assert installs
    for line in installs:
        assert "--require-hashes -r " in line or ("--no-deps" in line and "-e ." in line), line


def installed_here(file: str) -> list[str]:
    """The packages of a lock file that are for this Python and system."""
    wanted = [Requirement(entry.partition(" --hash")[0].strip()) for entry in entries(file)]
    return [one.name for one in wanted if one.marker is None or one.marker.evaluate()]


def test_discord_has_what_newer_pythons_leave_out() -> None:
    """discord.py plays audio by a module that Python has lost: its own package from 3.13 on."""
    wanted = [Requirement(entry.partition(" --hash")[0]) for entry in entries("requirements.txt")]
    marker = next(one.marker for one in wanted if one.name == "audioop-lts")
    assert marker is not None
    assert marker.evaluate({"python_full_version": "3.13.0"})
    assert not marker.evaluate({"python_full_version": "3.12.9"})


def test_every_licence_goes_with_ours() -> None:
    for name in installed_here("requirements.txt"):
        assert licences(metadata.metadata(name)) & FREE, name
        assert not licences(metadata.metadata(name)) - FREE, name


def licences(about: Any) -> set[str]:
    """The licences of a package, by its metadata in either form."""
    if expression := about.get("License-Expression"):
        return set(re.split(r" AND | OR |[() ]+", expression)) - {""}
    classifiers = [one.split(" :: ")[-1] for one in about.get_all("Classifier", [])]
    if found := {CALLED[one] for one in classifiers if one in CALLED}:
        return found
    return {str(about.get("License"))}


def package(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": "1.0", **more}


def test_what_an_audit_comes_to() -> None:
    fine = package("a", vulns=[])
    fault = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": "x"}
    faulty, skipped = package("b", vulns=[fault]), {"name": "c", "skip_reason": "not found"}
    status, said = verdict({"dependencies": [fine]})
    assert (status, said) == (FINE, ["No fault is known of any of the 1 packages."])
    status, said = verdict({"dependencies": [fine, faulty, skipped]})
    assert (status, said) == (FAULTY, ["b 1.0: PYSEC-1, mended in 1.1"])
    # What nobody knows of is not fine.
    assert verdict({"dependencies": [fine, skipped]})[0] == UNKNOWN
    assert verdict({"dependencies": []})[0] == UNKNOWN


def test_nothing_reads_what_could_run_as_a_program() -> None:
    """Nor lets anybody in: the linter looks for these too (S301, S501, S506 and others)."""
    for directory in ("bot", "adapters", "storage"):
        for file in sorted(Path(ROOT / directory).rglob("*.py")):
            text = file.read_text("utf-8")
            assert not re.search(r"\b(pickle|marshal|shelve|dill)\b", text), file
            assert not re.search(r"(?<![\w.])(eval|exec)\(", text), file
            assert not re.search(r"shell=True|verify=False|ssl=False|CERT_NONE", text), file
