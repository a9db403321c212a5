"""The Dockerfile: what goes into the image, who it runs as, and a health check that works."""

import asyncio
import json
import re
import subprocess
import tomllib

import yaml
from aiohttp import web

from bot.running.http import served
from tests.deploy.files import (
    ROOT,
    WORKFLOWS,
    health_check,
    image_environment,
    instructions,
    of_image,
    unit,
)


def copied() -> set[str]:
    """What of the project goes into the image."""
    sources = [rest.split()[:-1] for word, rest in instructions() if word == "COPY"]
    return {name for names in sources for name in names if not name.startswith(("--", "/"))}


def test_all_of_the_program_is_copied_and_nothing_else_is_sent() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    files = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    assert copied() == {*(name.rstrip("*") for name in packages), *files, "requirements.txt"}
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in rules
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied()
    assert rules.index("**/.env*") > max(rules.index(f"!{name}") for name in copied())


def test_its_python_is_that_of_the_checks() -> None:
    (image,) = [rest for word, rest in instructions() if word == "FROM" and ":" in rest]
    found = re.match(r"python:(\d+\.\d+)\.\d+-slim-\w+ ", image)
    assert found is not None
    for path in WORKFLOWS:
        told = yaml.safe_load(path.read_text("utf-8"))
        steps = [step for job in told["jobs"].values() for step in job["steps"]]
        versions = {
            step["with"]["python-version"]
            for step in steps
            if step.get("uses", "").startswith("actions/setup-python@")
        }
        assert versions == {found[1]}
    assert any(f"/lib/python{found[1]}" in each for each in of_image("RUN"))


def test_it_runs_the_program_as_nobody_in_particular() -> None:
    assert [json.loads(each) for each in of_image("ENTRYPOINT")] == [["tini", "--", "matome"]]
    assert [json.loads(each) for each in of_image("CMD")] == [["run"]]
    assert of_image("STOPSIGNAL") == ["SIGTERM"]
    (user,) = of_image("USER")
    assert re.fullmatch(r"([1-9]\d{3,}):\1", user)
    assert f"--uid {user.partition(':')[0]} " in of_image("RUN")[0]


def test_the_program_lies_where_the_unit_has_it() -> None:
    prefix = image_environment()["PATH"].partition(":")[0]
    assert unit()["Service"]["ExecStart"] == f"{prefix}/matome run"


async def checked(address: str) -> int:
    """How the health check of the image ends for a server there."""
    done = await asyncio.to_thread(
        subprocess.run,
        health_check(),
        env={"MATOME_HTTP": address, "http_proxy": "http://127.0.0.1:1"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    return done.returncode


async def test_the_health_check_finds_the_program() -> None:
    async with served(("127.0.0.1", 0), []) as serving:
        port = serving.address.rpartition(":")[2]
        assert await checked(f":{port}") == 0
        assert await checked(f"127.0.0.1:{port}") == 0
    assert await checked(f":{port}") != 0


async def test_the_health_check_fails_where_the_answer_is_another() -> None:
    async def ill(request: web.Request) -> web.Response:
        return web.Response(status=503)

    application = web.Application()
    application.router.add_get("/livez", ill)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        assert await checked(f":{runner.addresses[0][1]}") != 0
    finally:
        await runner.cleanup()
