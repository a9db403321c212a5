"""What docs/deployment.md tells people to do fits the files that it tells of."""

import re

from bot.cli import TERMINATED, USAGE
from tests.deploy.files import COMPOSE, PORT, ROOT, UNIT, kubernetes, pod, services, unit

TEXT = (ROOT / "docs" / "deployment.md").read_text("utf-8")
# Made by who follows the document, and never part of the project.
MADE = ("deploy/.env", "deploy/secrets", "deploy/secrets/postgres_password")


def test_the_files_that_it_names_are_there_and_secrets_are_ignored() -> None:
    named = set(re.findall(r"(?<![\w/])(?:deploy|\.github)/[\w./-]*\w", TEXT))
    assert {str(path.relative_to(ROOT)) for path in (*COMPOSE, UNIT)} < named
    assert [name for name in sorted(named - set(MADE)) if not (ROOT / name).is_file()] == []
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "/deploy/secrets/"} <= set(ignored)


def test_the_unit_is_where_it_says() -> None:
    service = unit()["Service"]
    program = service["ExecStart"].removesuffix(" run")
    assert f"{program} doctor" in TEXT
    assert f"{program.removesuffix('/bin/matome')}\n" in TEXT
    assert f"useradd --system --home-dir {service['WorkingDirectory']} " in TEXT
    assert f"--group={service['Group']} .env.example {service['EnvironmentFile']}\n" in TEXT
    assert f"status 0, {TERMINATED} " in TEXT
    assert f"status {USAGE} " in TEXT


def test_services_ports_and_pods_are_called_so() -> None:
    for path in COMPOSE:
        named = set(re.findall(rf"--file deploy/{re.escape(path.name)} exec ([\w-]+)", TEXT))
        assert named
        assert named <= set(services(path))
        for service in services(path).values():
            (published,) = service["ports"]
            assert f"`{published.removesuffix(f':{PORT}')}`" in TEXT
    bots = kubernetes("StatefulSet")
    assert f"exec {bots['metadata']['name']}-0 " in TEXT
    assert f"--namespace {bots['metadata']['namespace']} " in TEXT
    probe = pod(bots)["containers"][0]["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 5 * 60
