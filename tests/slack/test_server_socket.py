"""Socket Mode: envelopes, acknowledgements, connections that break or have to be renewed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest

from tests.slack.bot import talking
from tests.slack.clients import app_of, connected
from tests.slack.conftest import Town
from tests.slack.server import NoAnswer, Slack
from tests.slack.test_server_messages import refused


class Hand:
    """A connection by hand: acknowledges what a test wants it to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def next(self) -> Any:
        return json.loads(await self.socket.receive_str(timeout=5))

    async def acknowledge(self, envelope: Any, **more: Any) -> None:
        await self.socket.send_json({"envelope_id": envelope["envelope_id"], **more})


@asynccontextmanager
async def by_hand(town: Town) -> AsyncIterator[Hand]:
    answer = await town.client.apps_connections_open(app_token=town.slack.app_token.value)
    async with aiohttp.ClientSession() as session, session.ws_connect(answer["url"]) as socket:
        hand = Hand(socket)
        hello = await hand.next()
        assert (hello["type"], hello["connection_info"]["app_id"]) == (
            "hello",
            town.slack.app.id,
        )
        yield hand


def opened_after(slack: Slack, before: int) -> bool:
    return slack.link.socket.opened > before


def asks(town: Town) -> "asyncio.Task[Any]":
    player = town.slack.player(town.ann, town.general)
    return asyncio.create_task(player.types("/matome gpu"))


async def test_a_command_in_its_envelope(town: Town) -> None:
    async with by_hand(town) as hand:
        asking = asks(town)
        envelope = await hand.next()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        payload = envelope["payload"]
        assert (payload["command"], payload["text"]) == ("/matome", "gpu")
        assert (payload["user_id"], payload["channel_name"]) == (town.ann.id, "general")
        await hand.acknowledge(envelope, payload={"text": "found"})
        assert (await asking).text == "found"
        assert town.slack.link.acks[0].seconds < 1


async def test_an_acknowledgement_after_three_seconds_is_a_failure(town: Town) -> None:
    async with by_hand(town) as hand:
        asking = asks(town)
        envelope = await hand.next()
        town.slack.clock.advance(timedelta(seconds=3.1))
        with pytest.raises(NoAnswer, match="operation_timeout"):
            await asking
        await hand.acknowledge(envelope)
        await hand.acknowledge({"envelope_id": "unknown"})
        link = town.slack.link
        asked = asks(town)
        again = await hand.next()
        await hand.acknowledge(again, payload={"text": "x"})
        await hand.acknowledge(again)
        await asked
        assert await town.slack.changes.until(lambda: len(link.socket.odd) == 2, 5)
        assert link.failures == ["slash_commands /matome: not acknowledged within 3 s"]
        assert link.socket.late == [f"slash_commands {envelope['envelope_id']}"]
        assert link.socket.odd[1].startswith("acknowledged too often")


async def test_an_event_is_told_again_until_it_is_acknowledged(town: Town) -> None:
    async with by_hand(town) as hand:
        town.slack.player(town.ann).writes("hello")
        first = await hand.next()
        assert (first["type"], first["retry_attempt"]) == ("events_api", 0)
        event = first["payload"]["event"]
        assert (event["type"], event["channel_type"], event["text"]) == ("message", "im", "hello")
        assert first["payload"]["authorizations"][0]["team_id"] == town.team.id
        event_ids = {first["payload"]["event_id"]}
        again = first
        for attempt, wait in enumerate((0, 60, 300), 1):
            await town.slack.clock.skip(3)
            if wait:
                await town.slack.clock.skip(wait)
            again = await hand.next()
            assert (again["retry_attempt"], again["retry_reason"]) == (attempt, "timeout")
            event_ids.add(again["payload"]["event_id"])
        assert len(event_ids) == 1
        await hand.acknowledge(again)
        await town.slack.settled()


async def test_what_was_on_a_connection_that_broke_comes_over_the_next(town: Town) -> None:
    slack = town.slack
    async with by_hand(town) as hand:
        asking = asks(town)
        first = await hand.next()
        await slack.link.socket.cut()
    async with by_hand(town) as hand:
        again = await hand.next()
        assert again["envelope_id"] == first["envelope_id"]
        await hand.acknowledge(again, payload={"text": "found"})
        assert (await asking).text == "found"
    assert slack.link.socket.resends == 1


async def test_a_ticket_is_good_once(town: Town) -> None:
    answer = await town.client.apps_connections_open(app_token=town.slack.app_token.value)
    async with aiohttp.ClientSession() as session, session.ws_connect(answer["url"]):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(answer["url"])


async def test_of_several_connections_one_is_told(town: Town) -> None:
    async with by_hand(town) as one, by_hand(town) as other:
        await town.slack.connected(2)
        for _ in range(2):
            town.slack.player(town.ann).writes("hello")
        told = [await one.next(), await other.next()]
        assert len({envelope["payload"]["event_id"] for envelope in told}) == 2
        await one.acknowledge(told[0])
        await other.acknowledge(told[1])
        await town.slack.settled()


async def test_the_client_connects_anew_when_it_is_told_to(town: Town) -> None:
    slack = town.slack
    async with connected(talking(app_of(slack, town.token)), slack):
        for reason in ("warning", "refresh_requested", "link_disabled"):
            before = slack.link.socket.opened
            await slack.link.socket.disconnect(reason)
            assert await slack.changes.until(partial(opened_after, slack, before), 5)
            seen = await slack.player(town.ann, town.general).types("/matome gpu")
            assert "gpu" in seen.text
    assert not slack.complaints


async def test_the_client_connects_anew_when_it_is_cut_off(town: Town) -> None:
    slack = town.slack
    async with connected(talking(app_of(slack, town.token)), slack):
        for _ in range(3):
            await slack.link.socket.cut()
            seen = await slack.player(town.ann, town.general).types("/matome gpu")
            assert "gpu" in seen.text
    assert not slack.complaints


async def test_the_client_notices_a_connection_that_is_silent(town: Town) -> None:
    slack = town.slack
    async with connected(talking(app_of(slack, town.token)), slack):
        slack.link.socket.freeze()
        assert await slack.changes.until(lambda: slack.link.socket.opened > 1, 10)


async def test_everything_may_come_twice(town: Town) -> None:
    slack = town.slack
    slack.link.repeats = 1
    async with by_hand(town) as hand:
        slack.player(town.ann).writes("hello")
        told = [await hand.next(), await hand.next()]
        for envelope in told:
            await hand.acknowledge(envelope)
        assert told[0]["payload"]["event_id"] == told[1]["payload"]["event_id"]
        assert told[0]["envelope_id"] != told[1]["envelope_id"]
        assert [envelope["retry_attempt"] for envelope in told] == [0, 0]
        await slack.settled()


async def test_an_app_without_a_connection_is_not_asked(town: Town) -> None:
    asking = asks(town)
    await town.slack.clock.skip(3)
    with pytest.raises(NoAnswer):
        await asking


@pytest.mark.parametrize("revoked_first", [True, False])
async def test_being_uninstalled_in_either_order(town: Town, revoked_first: bool) -> None:
    async with by_hand(town) as hand:
        installation = town.slack.installation(town.team)
        town.slack.uninstall(installation, revoked_first=revoked_first)
        told = [await hand.next(), await hand.next()]
        for envelope in told:
            await hand.acknowledge(envelope)
        types = [envelope["payload"]["event"]["type"] for envelope in told]
        assert types == ["tokens_revoked", "app_uninstalled"][:: 1 if revoked_first else -1]
        await town.slack.settled()


async def test_nothing_is_told_that_was_not_subscribed_to(town: Town) -> None:
    slack = town.slack
    async with by_hand(town) as hand:
        slack.app.events -= {"message.im"}
        slack.player(town.ann).writes("hello")
        slack.app.events |= {"message.im"}
        town.token.installation.scopes = ()  # type: ignore[union-attr]
        slack.player(town.ann).writes("hello")
        assert slack.link.idle
        asking = refused(town.client.apps_connections_open(app_token="xapp-other"))  # noqa: S106
        assert (await asking)["error"] == "invalid_auth"
        assert not hand.socket.closed
