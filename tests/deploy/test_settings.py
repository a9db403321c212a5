"""What the files of deployment set is what the program reads, and the same in all of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.running.faces import LEAVE_WITHIN
from bot.settings import DEFAULTS, Settings
from tests.deploy.files import (
    COMPOSE,
    DOCKERFILE,
    KUBERNETES,
    PORT,
    ROOT,
    UNIT,
    WORKFLOWS,
    Mapped,
    image_environment,
    kubernetes,
    of_image,
    pod,
    services,
    settings_of,
)

OURS = re.compile(r"\b(?:MATOME|DISCORD|SLACK)_[A-Z]+(?:_[A-Z]+)*\b")
FILES = (DOCKERFILE, UNIT, *COMPOSE, KUBERNETES, *WORKFLOWS)
STATE = "postgresql://matome:secret@postgres/matome"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_settings_that_there_are_are_named(path: Path) -> None:
    assert set(OURS.findall(path.read_text("utf-8"))) <= DEFAULTS.keys()


def composed(path: Path) -> list[dict[str, str]]:
    """The environment of each bot of a compose file, with the image's."""
    image = image_environment()
    return [
        image
        | {
            name: re.sub(r"^\$\{MATOME_STATE_URL:\?.*\}$", STATE, value)
            for name, value in service["environment"].items()
        }
        for service in services(path).values()
    ]


def of_pods() -> list[dict[str, str]]:
    """The environment of each pod of the set, with the image's."""
    bots = kubernetes("StatefulSet")
    (container,) = pod(bots)["containers"]
    common = {
        **image_environment(),
        **kubernetes("ConfigMap")["data"],
        **kubernetes("Secret")["stringData"],
    }
    own = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    return [
        common | {name: value.replace("$(POD_INDEX)", str(index)) for name, value in own.items()}
        for index in range(bots["spec"]["replicas"])
    ]


def environments() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """What each file gives to the bots that run together."""
    yield "image", [image_environment()]
    for path in COMPOSE:
        yield path.name, composed(path)
    yield KUBERNETES.name, of_pods()


@pytest.fixture(params=list(environments()), ids=lambda one: one[0])
def together(request: pytest.FixtureRequest, tmp_path: Path) -> list[Settings]:
    """The settings of bots that run together, with a token."""
    token = {"DISCORD_TOKEN": "a-token-of-discord"}
    return [settings_of(one | token, tmp_path) for one in request.param[1]]


def test_all_listen_on_the_port_of_the_image(together: list[Settings]) -> None:
    assert of_image("EXPOSE") == [str(PORT)]
    assert {settings.http for settings in together} == {("0.0.0.0", PORT)}  # noqa: S104


def test_all_write_into_the_volume_of_the_image(together: list[Settings]) -> None:
    assert of_image("VOLUME") == ["/data"]
    assert {settings.data for settings in together} == {Path("/data")}


def test_who_runs_together_shares_the_state_and_each_shard_is_one_bots(
    together: list[Settings],
) -> None:
    assert len({str(settings.state) for settings in together}) == 1
    if len(together) == 1:
        return
    assert str(together[0].state).startswith("postgresql://")
    given = [each.discord.shards for each in together if each.discord and each.discord.shards]
    assert {count for _, count in given} == {len(together)}
    assert sorted(shard for shards, _ in given for shard in shards) == list(range(len(together)))


def volumes(service: Mapped) -> dict[str, str]:
    return {where: name for name, where in (one.split(":")[:2] for one in service["volumes"])}


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_composed_bots_can_write_into_their_own_volume_only(path: Path) -> None:
    given = services(path)
    assert len({volumes(service)["/data"] for service in given.values()}) == len(given)
    published = [one for service in given.values() for one in service["ports"]]
    assert len({one.rsplit(":", 1)[0] for one in published}) == len(given)
    for service in given.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(volumes(service)) == {"/data"}
        assert all(one.startswith("127.0.0.1:") for one in service["ports"])
        assert all(one.endswith(f":{PORT}") for one in service["ports"])
        assert float(service["stop_grace_period"].removesuffix("s")) > LEAVE_WITHIN


def test_pods_are_restricted_and_ask_where_the_bot_listens() -> None:
    bots = pod(kubernetes("StatefulSet"))
    (user,) = of_image("USER")
    assert bots["terminationGracePeriodSeconds"] > LEAVE_WITHIN
    for each in (bots, pod(kubernetes("CronJob"))):
        assert each["enableServiceLinks"] is False
        assert each["automountServiceAccountToken"] is False
        security = each["securityContext"]
        assert f"{security['runAsUser']}:{security['runAsGroup']}" == user
        (container,) = each["containers"]
        assert container["image"] == bots["containers"][0]["image"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        mounted = {one["name"] for one in container["volumeMounts"]}
        claimed = {
            one["metadata"]["name"]
            for one in kubernetes("StatefulSet")["spec"].get("volumeClaimTemplates", [])
        }
        assert mounted <= {one["name"] for one in each["volumes"]} | claimed
    (container,) = bots["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": PORT}]
    paths = {
        name: container[name]["httpGet"]["path"]
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/livez",
        "livenessProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    for name in paths:
        assert container[name]["httpGet"]["port"] == "http"


def test_services_and_the_budget_mean_the_pods() -> None:
    bots = kubernetes("StatefulSet")
    labels = bots["spec"]["template"]["metadata"]["labels"]
    headless, balanced = kubernetes("Service", "matome-pods"), kubernetes("Service", "matome")
    assert bots["spec"]["serviceName"] == headless["metadata"]["name"]
    assert bots["spec"]["selector"]["matchLabels"] == labels
    assert kubernetes("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    for service in (headless, balanced):
        assert service["spec"]["selector"] == labels
        assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]
