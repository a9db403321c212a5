"""Signed HTTP: what a real AsyncApp takes, signatures that it must not take, and retries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from aiohttp import web

from tests.slack.bot import talking
from tests.slack.clients import app_of, served
from tests.slack.conftest import Town
from tests.slack.server import NoAnswer, Slack
from tests.slack.server.payloads import command
from tests.slack.server.signed import signature


@asynccontextmanager
async def answering(
    slack: Slack, *answers: tuple[int, dict[str, str]]
) -> AsyncIterator[list[web.Request]]:
    """An app that gives these answers (a status and headers) in turn, and what it was sent.

    A status of 0 is no answer at all.
    """
    came: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        came.append(request)
        slack.changes.tell()
        status, headers = answers[min(len(came), len(answers)) - 1]
        if not status:
            await asyncio.Event().wait()
        return web.Response(status=status, headers=headers)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.app.socket_mode = False
        slack.app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield came
    finally:
        await runner.cleanup()


def test_the_signature_of_slacks_own_example() -> None:
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015"
        ".47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    made = signature("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, body)
    assert made == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def test_the_address_is_verified(town: Town) -> None:
    async with served(talking(app_of(town.slack, town.token)), town.slack):
        assert await town.slack.link.signed.verify_url()


async def test_wrong_and_old_signatures_are_not_taken(town: Town) -> None:
    slack = town.slack
    async with served(talking(app_of(slack, town.token)), slack):
        interaction = slack.interact(town.ann, town.team, channel=town.general)
        payload = command(slack, interaction, "/matome", "gpu")
        post = partial(slack.link.signed.post, "slash_commands", payload)
        assert (await post(secret="another"))[0] == 401  # noqa: S106
        assert (await post(age=301.0))[0] == 401
        assert (await post(headers={"X-Slack-Signature": "v0=0"}))[0] == 401
        assert not slack.journal.entries
        assert (await post(age=290.0))[0] == 200
        assert await slack.changes.until(lambda: bool(slack.journal.of("answer")), 5)


async def test_an_event_is_sent_again_with_its_reason(town: Town) -> None:
    slack = town.slack
    async with answering(slack, (500, {}), (0, {}), (404, {}), (200, {})) as came:
        slack.player(town.ann).writes("hello")
        assert await slack.changes.until(lambda: len(came) == 2, 5)
        await slack.clock.skip(3)
        await slack.clock.skip(60)
        await slack.clock.skip(300)
        await slack.settled()
        told = [
            (one.headers.get("X-Slack-Retry-Num"), one.headers.get("X-Slack-Retry-Reason"))
            for one in came
        ]
    assert told == [(None, None), ("1", "http_error"), ("2", "http_timeout"), ("3", "http_error")]
    assert len(slack.link.failures) == 3


async def test_an_app_may_ask_for_no_retry(town: Town) -> None:
    async with answering(town.slack, (500, {"X-Slack-No-Retry": "1"})) as came:
        town.slack.player(town.ann).writes("hello")
        await town.slack.settled()
        assert len(came) == 1


async def test_a_command_is_not_sent_again(town: Town) -> None:
    slack = town.slack
    async with answering(slack, (500, {})) as came:
        with pytest.raises(NoAnswer, match="operation_timeout"):
            await slack.player(town.ann, town.general).types("/matome gpu")
        assert len(came) == 1
    with pytest.raises(NoAnswer):
        await slack.player(town.ann, town.general).types("/matome gpu")
    assert slack.link.signed.reason == "connection_failed"


async def test_a_late_answer_is_a_failure(town: Town) -> None:
    slack = town.slack
    async with answering(slack, (0, {})) as came:
        asking = asyncio.create_task(slack.player(town.ann, town.general).types("/matome gpu"))
        assert await slack.changes.until(lambda: bool(came), 5)
        slack.clock.advance(timedelta(seconds=3.1))
        with pytest.raises(NoAnswer):
            await asking
    assert slack.link.failures == ["slash_commands /matome: not acknowledged within 3 s"]
