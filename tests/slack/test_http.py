"""Slack's requests over HTTP: nothing comes of those without a good signature, or odd bodies."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.http import SignedRequests
from bot.running.faces import Route
from bot.running.http import MOST_BYTES, served
from tests.slack.bot import talking
from tests.slack.clients import app_of
from tests.slack.conftest import Town
from tests.slack.server.payloads import command
from tests.slack.server.signed import signature

EVENTS = "/slack/events"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Post:
    """Posts to the app as Slack does; `dispatched` has what came as far as slack-bolt."""

    town: Town
    session: aiohttp.ClientSession
    requests: SignedRequests
    dispatched: list[AsyncBoltRequest]

    async def __call__(self, body: bytes, content: str = FORM, **headers: str) -> int:
        """The status of the answer to a body that is signed well, but for these headers."""
        timestamp = int(time.time())
        try:
            made = signature(self.town.slack.app.signing_secret, timestamp, body.decode())
        except UnicodeDecodeError:
            made = "v0=0"
        sent = {
            "Content-Type": content,
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": made,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = self.town.slack.app.url
        async with self.session.post(url, data=body, headers=sent) as answer:
            return answer.status


@pytest.fixture
async def post(town: Town) -> AsyncIterator[Post]:
    """A talking app behind the real server."""
    app = talking(app_of(town.slack, town.token))
    requests = SignedRequests(town.slack.app.signing_secret)
    dispatched: list[AsyncBoltRequest] = []

    async def dispatch(asked: AsyncBoltRequest) -> BoltResponse:
        dispatched.append(asked)
        return await app.async_dispatch(asked)

    requests.open(dispatch)
    async with (
        served(("127.0.0.1", 0), [Route("POST", EVENTS, requests.answer)]) as serving,
        aiohttp.ClientSession() as session,
    ):
        town.slack.app.socket_mode = False
        town.slack.app.url = serving.address + EVENTS
        yield Post(town, session, requests, dispatched)


async def test_everything_that_people_do_comes_to_the_app(post: Post) -> None:
    slack, town = post.town.slack, post.town
    player = slack.player(town.ann, town.general)
    seen = await player.types("/matome gpu")
    assert "gpu" in seen.text
    assert (await player.clicks(seen, "Open")).text == "opened"
    assert (await player.mentions("hello")).text == "you called"
    assert await slack.link.signed.verify_url()
    await slack.settled()
    assert not slack.complaints


async def test_bad_and_old_signatures_are_refused_and_nothing_is_done(post: Post) -> None:
    slack, town = post.town.slack, post.town
    payload = command(
        slack, slack.interact(town.ann, town.team, channel=town.general), "/matome", "gpu"
    )
    sent = partial(slack.link.signed.post, "slash_commands", payload)
    assert (await sent(secret="another"))[0] == 401  # noqa: S106
    assert (await sent(age=301.0))[0] == 401
    assert (await sent(age=-301.0))[0] == 401
    for name, values in {
        "X-Slack-Signature": ("", "v0=0", "v1=0", "v0=\u00e9", "v0=" + "0" * 64),
        "X-Slack-Request-Timestamp": ("", "soon", "-1", "1e9", "\u0661", "9" * 4000),
    }.items():
        for value in values:
            raw = value.encode().decode("latin-1")
            assert (await sent(headers={name: raw}))[0] == 401, (name, value)
    assert post.dispatched == []
    assert (await sent(age=290.0))[0] == 200


async def test_the_same_request_to_which_something_was_added_is_refused(post: Post) -> None:
    good = urlencode({"command": "/matome", "text": "gpu"}).encode()
    made = signature(post.town.slack.app.signing_secret, int(time.time()), good.decode())
    assert await post(good + b"&text=rust", X_Slack_Signature=made) == 401
    assert post.dispatched == []


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"1", "application/json"),
        (b'{"type": ', "application/json; charset=bogus"),
        (b"payload", FORM),
        (b"payload=", FORM),
        (b"payload={", FORM),
        (b"payload=[]", FORM),
        (b"payload=%00", FORM),
        (b'{"event": 1, "team": 2, "user": 3}', "application/json"),
        (b"\xff\xfe", FORM),
    ],
)
async def test_what_is_no_request_of_slack_is_refused_even_if_it_is_signed(
    post: Post, body: bytes, content: str
) -> None:
    assert await post(body, content) == 400
    assert post.dispatched == []


async def test_bodies_without_meaning_are_not_understood(post: Post) -> None:
    for body in (b"", b"a=b", b"{}", b'{"type": "unknown"}'):
        assert await post(body) == 404


async def test_huge_bodies_are_refused(post: Post) -> None:
    url = post.town.slack.app.url

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 2**16 + 1):
            yield b"x" * 2**16

    async with post.session.post(url, data=parts()) as answer:
        assert answer.status == 413
    assert post.dispatched == []


async def test_a_check_of_the_certificate_is_answered_without_a_signature(post: Post) -> None:
    assert await post(b"ssl_check=1&token=x", X_Slack_Signature="v0=0") == 200
    assert await post(b"ssl_check=0", X_Slack_Signature="v0=0") == 401
    long = b"ssl_check=1&text=" + b"x" * 2000
    assert await post(long, X_Slack_Signature="v0=0") == 401
    assert post.dispatched == []


async def test_other_methods_are_not_taken(post: Post) -> None:
    async with post.session.get(post.town.slack.app.url) as answer:
        assert answer.status == 405


async def test_before_it_is_open_and_after_it_has_closed_slack_is_to_come_again(
    town: Town, post: Post
) -> None:
    await post.requests.close()
    assert await post(b'{"type": "event_callback"}') == 503
    assert post.dispatched == []


async def test_what_is_under_way_is_finished_before_it_closes(post: Post) -> None:
    came, goes = asyncio.Event(), asyncio.Event()

    async def slow(asked: AsyncBoltRequest) -> BoltResponse:
        came.set()
        await goes.wait()
        return BoltResponse(status=200, body="done")

    post.requests.open(slow)
    asking = asyncio.create_task(post(b"a=b"))
    await came.wait()
    closing = asyncio.create_task(post.requests.close())
    assert await post(b"a=b") == 503
    assert not closing.done()
    goes.set()
    await closing
    assert await asking == 200
