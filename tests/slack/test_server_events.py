"""What the app is told of: messages, mentions, links, comings and goings, in whose name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.slack.clients import app_of, connected
from tests.slack.conftest import Town
from tests.slack.server import Kind, Slack

Json = dict[str, Any]


class Told:
    """The events that an app got, in their order."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self.bodies: list[Json] = []

    async def all(self) -> list[Json]:
        await self._slack.settled()
        assert await self._slack.changes.until(
            lambda: len(self.bodies) >= len(self._slack.link.acks), 5
        )
        return [body["event"] for body in self.bodies]

    async def types(self) -> list[str]:
        return [event["type"] for event in await self.all()]


@pytest.fixture
async def told(town: Town) -> AsyncIterator[Told]:
    """An app that only listens."""
    app = app_of(town.slack, town.token)
    found = Told(town.slack)

    @app.use
    async def listening(body: Any, next: Any) -> None:  # noqa: A002 - slack-bolt's name
        found.bodies.append(body)
        town.slack.changes.tell()
        await next()

    @app.event({"type": "message"})
    @app.event("app_mention")
    async def nothing() -> None:
        """It is acknowledged, and that is all."""

    for name in ("link_shared", "member_joined_channel", "member_left_channel", "channel_left"):
        app.event(name)(nothing)
    for name in ("channel_archive", "channel_unarchive", "channel_deleted", "app_uninstalled"):
        app.event(name)(nothing)
    app.event("tokens_revoked")(nothing)
    async with connected(app, town.slack):
        yield found


async def test_a_mention_in_a_channel_and_in_a_thread(town: Town, told: Told) -> None:
    slack = town.slack
    ann = slack.player(town.ann, town.general)
    bot = slack.bot(town.team).id
    root = ann.writes("nobody is called")
    ann.writes(f"<@{bot}> hello")
    ann.in_thread(root).writes(f"<@{bot}> again")
    plain, threaded = await told.all()
    assert (plain["type"], plain["user"], "thread_ts" in plain) == (
        "app_mention",
        town.ann.id,
        False,
    )
    assert threaded["thread_ts"] == root.ts
    (rich,) = plain["blocks"]
    assert rich["elements"][0]["elements"][0] == {"type": "user", "user_id": bot}


async def test_outside_a_channel_nothing_is_heard(town: Town, told: Told) -> None:
    other = town.slack.add_channel(town.team, "other", bot=False)
    bot = town.slack.bot(town.team).id
    town.slack.player(town.ann, other).writes(f"<@{bot}> hello")
    assert await told.all() == []
    town.slack.app.domains = frozenset({"example.com"})
    town.slack.player(town.ann, other).writes("<https://www.example.com/a>")
    (event,) = await told.all()
    assert event["links"] == [{"url": "https://www.example.com/a", "domain": "example.com"}]
    assert event["is_bot_user_member"] is False


async def test_channels_of_each_kind_have_their_event(town: Town, told: Told) -> None:
    slack = town.slack
    slack.app.events |= {"message.channels", "message.groups", "message.mpim"}
    private = slack.add_channel(town.team, "private", Kind.PRIVATE)
    group = slack.add_group(town.ann, town.boss, team=town.team)
    for place in (town.general, private, group, slack.player(town.ann).place):
        slack.player(town.ann, place).writes("hello")
    events = await told.all()
    assert [event["channel_type"] for event in events] == ["channel", "group", "mpim", "im"]


async def test_comings_and_goings(town: Town, told: Told) -> None:
    slack = town.slack
    other = slack.add_channel(town.team, "other", members=[town.ann])
    boss = slack.player(town.boss, town.general)
    boss.joins(other)
    boss.leaves(other)
    slack.archive(other)
    slack.archive(other, archived=False)
    slack.remove_bot(other)
    slack.invite_bot(other)
    slack.delete_channel(other)
    assert await told.types() == [
        "member_joined_channel",
        "member_left_channel",
        "channel_archive",
        "channel_unarchive",
        "channel_left",
        "member_left_channel",
        "member_joined_channel",
        "channel_deleted",
    ]


async def test_an_organisation_is_named_in_everything(slack: Slack) -> None:
    slack.app.org = True
    org = slack.add_enterprise("big")
    team = slack.add_team("one", org)
    ann = slack.add_user(team, "ann")
    token = slack.install(team, ann, org=True)
    general = slack.add_channel(team, "general")
    app = app_of(slack, token)
    bodies: list[Json] = []

    @app.command("/matome")
    async def command(ack: Any, body: Json) -> None:
        bodies.append(body)
        await ack(text="here")

    @app.event("app_mention")
    async def mention(body: Json, say: Any) -> None:
        bodies.append(body)
        await say("here")

    async with connected(app, slack):
        player = slack.player(ann, general)
        await player.types("/matome gpu")
        await player.mentions("hello")
        await slack.settled()
    assert (bodies[0]["is_enterprise_install"], bodies[0]["enterprise_id"]) == ("true", org.id)
    (authorization,) = bodies[1]["authorizations"]
    assert (authorization["enterprise_id"], authorization["team_id"]) == (org.id, None)
    assert authorization["is_enterprise_install"] is True
    assert not slack.complaints


async def test_a_manifest_says_what_the_app_is(slack: Slack) -> None:
    slack.app.configure(
        {
            "display_information": {"name": "other"},
            "features": {
                "slash_commands": [{"command": "/other"}],
                "shortcuts": [{"name": "Look", "type": "message", "callback_id": "look"}],
                "unfurl_domains": ["example.com"],
                "app_home": {"home_tab_enabled": True},
            },
            "oauth_config": {"scopes": {"bot": ["commands"]}},
            "settings": {
                "event_subscriptions": {"bot_events": ["app_mention"]},
                "socket_mode_enabled": True,
            },
        }
    )
    app = slack.app
    assert (app.name, set(app.commands), list(app.scopes)) == ("other", {"/other"}, ["commands"])
    assert (set(app.events), set(app.domains)) == ({"app_mention"}, {"example.com"})
    assert (app.home_tab, app.messages_tab, app.socket_mode) == (True, False, True)
    assert app.shortcuts[0].on_message
