"""The files of deployment as their tests read them, and the programs that judge them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import yaml

from bot.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = ROOT / "Dockerfile"
UNIT = ROOT / "deploy" / "matome.service"
COMPOSE = (ROOT / "deploy" / "compose.yaml", ROOT / "deploy" / "compose.postgresql.yaml")
KUBERNETES = ROOT / "deploy" / "kubernetes.yaml"
WORKFLOWS = tuple(sorted((ROOT / ".github" / "workflows").glob("*.yml")))
# Where the image listens.
PORT = 8080

Mapped = dict[str, Any]


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with what follows it, in one line."""
    lines = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", lines)
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def of_image(instruction: str) -> list[str]:
    """What follows an instruction, in the last stage."""
    given = instructions()
    last = max(number for number, (word, _) in enumerate(given) if word == "FROM")
    return [rest for word, rest in given[last:] if word == instruction]


def image_environment() -> dict[str, str]:
    """The environment that the image sets."""
    return dict(re.findall(r"([A-Z_]+)=(\S+)", " ".join(of_image("ENV"))))


def health_check() -> list[str]:
    """The image's health check as a command, by this Python."""
    (told,) = of_image("HEALTHCHECK")
    command: list[str] = json.loads(told.partition("CMD ")[2])
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def services(path: Path) -> dict[str, Mapped]:
    """The services of a compose file that are bots, by name."""
    every: dict[str, Mapped] = yaml.safe_load(path.read_text("utf-8"))["services"]
    return {name: service for name, service in every.items() if service["image"] == "matome"}


def kubernetes(kind: str, name: str = "") -> Mapped:
    """The one object of a kind, or of that name."""
    documents: Iterator[Mapped] = yaml.safe_load_all(KUBERNETES.read_text("utf-8"))
    (found,) = (
        each
        for each in documents
        if each["kind"] == kind and (not name or each["metadata"]["name"] == name)
    )
    return found


def pod(owner: Mapped) -> Mapped:
    """What a StatefulSet's or a CronJob's pods are."""
    spec: Mapped = owner["spec"]
    while "template" in spec or "jobTemplate" in spec:
        spec = (spec.get("template") or spec["jobTemplate"])["spec"]
    return spec


def unit() -> ConfigParser:
    """The systemd unit; of a setting that is given twice the last one counts."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT, "utf-8")
    return parser


def settings_of(environment: Mapping[str, str], nowhere: Path) -> Settings:
    """The settings of a process with that environment and no .env; every fault is raised."""
    settings = load(environment, nowhere / "no.env")
    assert settings.unknown == ()
    return settings


def judge(command: Sequence[str], cwd: Path) -> tuple[int, str]:
    """Run a program of the development dependencies; its status, and all that it says."""
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr
