"""The connection of Socket Mode: cut, renewed, refused, shared by replicas, and left in order."""

import asyncio

import pytest

from adapters.slack.app import slack_app
from adapters.slack.sockets import Sockets
from bot.errors import OperatorError
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import Slack, Trouble, Way, opened_slack
from tests.slack.server.socket_mode import SocketMode

CUTS = 10


def sockets_of(scene: Scene, app_token: str) -> Sockets:
    connected = scene.connected
    assert connected.events is not None
    app = slack_app(connected.events, connected.under_way, connected.api)
    return Sockets(app, connected.api, app_token)


async def left_alone(scene: Scene) -> SocketMode:
    """The sockets of Slack, when the scene's own one is gone."""
    socket = scene.slack.link.socket
    await scene.connected.leaves()
    assert await scene.slack.changes.until(lambda: not socket.connections, 10)
    return socket


def answers(slack: Slack) -> list[str]:
    """What was answered, each time that it was seen."""
    return [one.what for one in slack.sights if one.interaction is not None]


@pytest.mark.parametrize("replicas", [1, 3])
async def test_every_click_is_answered_once_although_all_is_cut_and_told_twice(
    scene: Scene, replicas: int
) -> None:
    slack = scene.slack
    for number in range(1, replicas):
        await scene.connected.connects(1 + number)
    slack.link.repeats = 1
    ann = scene.play(scene.ann)
    answer = await ann.types("/matome gpu")
    before = len(answers(slack))
    for _ in range(CUTS):
        asking = asyncio.create_task(ann.types("/matome gpu"))
        pressing = asyncio.create_task(ann.clicks(answer, "開く"))
        await slack.changes.until(lambda: not slack.link.idle, 10)
        await slack.link.socket.cut()
        seen, turned = await asyncio.gather(asking, pressing)
        assert seen.private
        assert turned.shown is answer.shown
        answer = seen
    await slack.settled()
    assert len(answers(slack)) - before == 2 * CUTS


async def test_messages_and_mentions_that_are_told_twice_are_answered_once(scene: Scene) -> None:
    scene.slack.link.repeats = 2
    await scene.direct(scene.ann).says("gpu")
    await scene.play(scene.ann).mentions("gpu")
    await scene.slack.settled()
    await scene.connected.under_way.ended(10)
    said = [
        one
        for channel in scene.slack.channels.values()
        for one in channel.messages.values()
        if one.by_app
    ]
    assert len(said) == 2


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_is_to_end_is_renewed(scene: Scene, reason: str) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    socket = await left_alone(scene)
    sockets = sockets_of(scene, scene.slack.app_token.value)
    sockets.sleep = sleep
    scene.connected.listening.append(asyncio.create_task(sockets.run()))
    await scene.slack.connected()
    opened = socket.opened
    await socket.disconnect(reason)
    assert await scene.slack.changes.until(lambda: socket.opened > opened, 10)
    assert "GPU" in (await scene.play(scene.ann).types("/matome gpu")).text
    assert waited == []


@pytest.mark.parametrize("text", ["<html>", "[1]"])
async def test_what_is_not_of_slack_is_passed_over(scene: Scene, text: str) -> None:
    [connection] = scene.slack.link.socket.connections
    await connection.socket.send_str(text)
    assert "GPU" in (await scene.play(scene.ann).types("/matome gpu")).text
    assert scene.slack.link.socket.opened == 1


async def test_socket_mode_that_is_turned_off_is_told(scene: Scene) -> None:
    await scene.slack.link.socket.disconnect("link_disabled")
    [listening] = scene.connected.listening
    with pytest.raises(OperatorError) as error:
        await asyncio.wait_for(asyncio.shield(listening), 10)
    assert error.value.key == "slack.no_socket_mode"
    scene.connected.listening.clear()


@pytest.mark.parametrize("kind", ["unknown", "bot"])
async def test_a_wrong_token_is_told(index: IndexReader, settings: Settings, kind: str) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        given = scene.token.value if kind == "bot" else "xapp-1-unknown"
        with pytest.raises(OperatorError) as error:
            await asyncio.wait_for(sockets_of(scene, given).run(), 10)
        assert error.value.key == "slack.bad_app_token"
        assert given not in repr(sockets_of(scene, given))


async def test_while_slack_is_away_it_is_tried_again(
    index: IndexReader, settings: Settings
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        method = "apps.connections.open"
        for way in (Way.STATUS, Way.RESET, Way.LOST):
            slack.troubles.plan(method, Trouble(way))
        slack.troubles.plan(method, Trouble(Way.LIMITED, seconds=7.0))
        sockets = sockets_of(scene, slack.app_token.value)
        sockets.sleep = sleep
        running = asyncio.create_task(sockets.run())
        await slack.connected(2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert waited == [1.0, 2.0, 4.0, 7.0]


@pytest.mark.parametrize("ending", ["cut", "too_many_websockets"])
async def test_connections_that_end_at_once_are_opened_anew_after_growing_pauses(
    index: IndexReader, settings: Settings, ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float] = []
    awake = asyncio.Semaphore(0)
    # When each of five connections is opened, and when it ends: the fourth one lasts.
    times = iter([0.0, 1.0, 3.0, 4.0, 8.0, 67.9, 70.0, 130.0, 130.0, 131.0])

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        slack.changes.tell()
        await awake.acquire()

    async def end_another() -> None:
        count = len(waited)
        await slack.connected(1)
        await (socket.cut() if ending == "cut" else socket.disconnect(ending))
        assert await slack.changes.until(lambda: len(waited) > count, 10)
        assert not socket.connections

    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        socket = await left_alone(scene)
        sockets = sockets_of(scene, slack.app_token.value)
        sockets.sleep, sockets.seconds = sleep, times.__next__
        running = asyncio.create_task(sockets.run())
        for _ in range(3):
            await end_another()
            awake.release()
        assert waited == [1.0, 2.0, 4.0]
        assert caplog.text.count("a connection to Slack ended soon") == 3
        # One that has lasted counts for nothing, and is followed by another one at once.
        await slack.connected(1)
        opened = socket.opened
        await socket.cut()
        assert await slack.changes.until(lambda: socket.opened > opened, 10)
        await end_another()
        assert waited == [1.0, 2.0, 4.0, 1.0]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_address_that_is_refused_is_not_written_down(
    index: IndexReader,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asleep = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        socket = slack.link.socket
        monkeypatch.setattr(socket, "ticket", lambda: f"{socket.url}?ticket=used-before")
        sockets = sockets_of(scene, slack.app_token.value)
        sockets.sleep = sleep
        running = asyncio.create_task(sockets.run())
        await asyncio.wait_for(asleep.wait(), 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert "HTTP 403" in caplog.text
    assert "used-before" not in caplog.text


async def test_what_is_under_way_is_finished_before_the_end(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    asking = asyncio.create_task(ann.types("/matome gpu"))
    while not scene.connected.under_way._tasks:
        assert not asking.done()
        await asyncio.sleep(0)
    await scene.connected.leaves()
    assert "GPU" in (await asking).text
