"""Rate limits and everything that goes wrong on the way, as slack_sdk meets it."""

import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.clients import client_of
from tests.slack.conftest import Town
from tests.slack.server import Trouble, Way


async def limited(asking: Any) -> int:
    """What Retry-After says."""
    with pytest.raises(SlackApiError) as error:
        await asking
    response = error.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    return int(response.headers["Retry-After"])


async def test_a_channel_takes_a_short_burst_and_then_one_a_second(town: Town) -> None:
    slack, client, channel = town.slack, town.client, town.general.id
    slack.rates.burst = 2
    for _ in range(2):
        await client.chat_postMessage(channel=channel, text="x")
    assert await limited(client.chat_postMessage(channel=channel, text="x")) == 1
    other = slack.add_channel(town.team, "other")
    assert (await client.chat_postMessage(channel=other.id, text="x"))["ok"]
    slack.clock.advance(timedelta(seconds=1))
    assert (await client.chat_postMessage(channel=channel, text="x"))["ok"]
    await limited(client.chat_postMessage(channel=channel, text="x"))
    assert len(town.general.messages) == 3
    assert slack.rates.refused == ["chat.postMessage", "chat.postMessage"]


async def test_a_workspace_takes_so_many_messages_a_minute(town: Town) -> None:
    town.slack.rates.workspace = 3
    for number in range(3):
        place = town.slack.add_channel(town.team, f"place-{number}")
        await town.client.chat_postMessage(channel=place.id, text="x")
    asking = town.client.chat_postMessage(channel=town.general.id, text="x")
    assert 58 <= await limited(asking) <= 60


async def test_a_method_has_its_tier(town: Town) -> None:
    town.slack.rates.tiers["users.info"] = 2
    for _ in range(2):
        await town.client.users_info(user=town.ann.id)
    assert 58 <= await limited(town.client.users_info(user=town.ann.id)) <= 60
    assert (await town.client.team_info())["ok"]
    town.slack.clock.advance(timedelta(seconds=61))
    assert (await town.client.users_info(user=town.ann.id))["ok"]


async def test_distributed_apps_read_little_history(town: Town) -> None:
    slack, channel = town.slack, town.general
    slack.rates.history = 1
    for number in range(20):
        slack.post(channel, town.ann, {"text": str(number)})
    page = await town.client.conversations_history(channel=channel.id)
    assert (len(page["messages"]), page["has_more"]) == (15, True)
    assert await limited(town.client.conversations_history(channel=channel.id)) > 50
    slack.clock.advance(timedelta(minutes=1, seconds=1))
    with pytest.raises(SlackApiError, match="invalid_limit"):
        await town.client.conversations_history(channel=channel.id, limit=16)


async def test_the_handler_waits_as_it_is_told(town: Town) -> None:
    handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    client = client_of(town.slack, town.token, retry_handlers=handlers)
    town.slack.troubles.plan("chat.postMessage", Trouble(Way.LIMITED, seconds=1))
    began = time.monotonic()
    await client.chat_postMessage(channel=town.general.id, text="x")
    assert time.monotonic() - began >= 1
    assert len(town.general.messages) == 1


async def test_a_server_error_does_nothing(town: Town) -> None:
    handlers = [AsyncServerErrorRetryHandler(max_retry_count=1)]
    client = client_of(town.slack, town.token, retry_handlers=handlers)
    town.slack.troubles.plan("chat.postMessage", Trouble(Way.STATUS, status=503), times=2)
    with pytest.raises(SlackApiError) as error:
        await client.chat_postMessage(channel=town.general.id, text="x")
    assert error.value.response.status_code == 503
    assert not town.general.messages
    assert (await client.chat_postMessage(channel=town.general.id, text="x"))["ok"]


async def test_a_lost_answer_leaves_the_message(town: Town) -> None:
    client = client_of(town.slack, town.token, retry_handlers=[])
    town.slack.troubles.plan("chat.postMessage", Trouble(Way.LOST))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=town.general.id, text="x")
    assert len(town.general.messages) == 1
    town.slack.troubles.plan("chat.postMessage", Trouble(Way.RESET))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=town.general.id, text="x")
    assert len(town.general.messages) == 1


async def test_a_slow_answer_is_slow(town: Town) -> None:
    town.slack.troubles.plan("auth.test", Trouble(Way.SLOW, seconds=0.1))
    began = time.monotonic()
    await town.client.auth_test()
    assert time.monotonic() - began >= 0.1
    assert [one.way for one in town.slack.troubles.met] == [Way.SLOW]


async def test_a_response_url_has_troubles_too(town: Town) -> None:
    slack = town.slack
    interaction = slack.interact(town.ann, town.team, channel=town.general)
    slack.troubles.plan("response_url", Trouble(Way.STATUS, status=500))
    hook = AsyncWebhookClient(slack.response_url(interaction))
    assert (await hook.send(text="x")).status_code == 500
    assert (await hook.send(text="x")).status_code == 200
    assert interaction.uses == 1
