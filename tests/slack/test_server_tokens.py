"""Tokens: unknown, revoked, of the wrong kind, expired, and what they are allowed."""

from datetime import timedelta

import pytest

from tests.slack.clients import Wire, client_of
from tests.slack.conftest import Town
from tests.slack.test_server_messages import refused

UNKNOWN = "xoxb-unknown"


async def test_no_token_and_an_unknown_one(wire: Wire) -> None:
    assert (await wire.ask("auth.test", token=""))["error"] == "not_authed"
    assert (await wire.ask("auth.test", token=UNKNOWN))["error"] == "invalid_auth"


async def test_a_revoked_token(town: Town) -> None:
    assert not (await town.client.auth_revoke(test=True))["revoked"]
    assert (await town.client.auth_revoke())["revoked"]
    assert (await refused(town.client.auth_test()))["error"] == "token_revoked"


async def test_the_token_of_an_app_that_was_uninstalled(town: Town) -> None:
    app = town.slack.app
    asking = town.client.apps_uninstall(client_id=app.client_id, client_secret=UNKNOWN)
    assert (await refused(asking))["error"] == "bad_client_secret"
    await town.client.apps_uninstall(client_id=app.client_id, client_secret=app.client_secret)
    assert (await refused(town.client.auth_test()))["error"] == "account_inactive"


async def test_an_expired_token(town: Town) -> None:
    town.slack.app.rotation = True
    token = town.slack.install(town.team)
    client = client_of(town.slack, token)
    town.slack.clock.advance(timedelta(hours=11))
    assert (await client.auth_test())["ok"]
    town.slack.clock.advance(timedelta(hours=2))
    assert (await refused(client.auth_test()))["error"] == "token_expired"


async def test_a_token_of_the_wrong_kind(wire: Wire, town: Town) -> None:
    app_token = town.slack.app_token.value
    body = {"channel": town.general.id, "text": "x"}
    answer = await wire.ask("chat.postMessage", body, token=app_token)
    assert answer["error"] == "not_allowed_token_type"
    answer = await wire.ask("apps.connections.open")
    assert answer["error"] == "not_allowed_token_type"


async def test_an_app_token_without_its_scope(wire: Wire, town: Town) -> None:
    town.slack.app_token.scopes = ()
    answer = await wire.ask("apps.connections.open", token=town.slack.app_token.value)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "connections:write")


async def test_who_the_token_is_of(town: Town) -> None:
    answer = await town.client.auth_test()
    bot = town.slack.bot(town.team)
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (
        town.team.id,
        bot.id,
        bot.bot_id,
    )
    assert answer["url"] == "https://readers.slack.com/"
    assert answer.headers["X-OAuth-Scopes"] == ",".join(town.slack.app.scopes)


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("chat.postMessage", "chat:write"),
        ("chat.postEphemeral", "chat:write"),
        ("chat.update", "chat:write"),
        ("chat.delete", "chat:write"),
        ("chat.unfurl", "links:write"),
        ("conversations.history", "channels:history"),
        ("conversations.replies", "channels:history"),
        ("conversations.info", "channels:read"),
        ("conversations.list", "channels:read"),
        ("conversations.members", "channels:read"),
        ("conversations.join", "channels:join"),
        ("conversations.open", "im:write"),
        ("users.info", "users:read"),
        ("users.conversations", "channels:read"),
        ("team.info", "team:read"),
        ("bots.info", "users:read"),
    ],
)
async def test_a_missing_scope_is_named(wire: Wire, town: Town, method: str, needed: str) -> None:
    body = {"channel": town.general.id, "user": town.ann.id, "users": town.ann.id}
    body |= {"text": "x", "ts": "1.0", "unfurls": "{}"}
    town.token.scopes = ("commands", "reactions:read")
    known = {"channel", "user", "users", "text", "ts", "unfurls"}
    answer = await wire.ask(method, {key: body[key] for key in known})
    assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
    assert answer["provided"] == "commands,reactions:read"
    town.slack.odd_requests.clear()


async def test_private_channels_need_their_own_scope(town: Town) -> None:
    town.token.scopes = ("channels:read", "channels:history", "chat:write")
    direct = town.slack.player(town.ann).place
    answer = await refused(town.client.conversations_history(channel=direct.id))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "im:history")
    answer = await refused(town.client.conversations_list(types="public_channel,private_channel"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:read")


async def test_an_unknown_address_is_noted(wire: Wire, town: Town) -> None:
    slack = town.slack
    async with wire.session.get(f"{slack.origin}/auth.test") as answer:
        assert answer.status == 404
    assert slack.unknown_methods == ["GET /auth.test"]
    slack.unknown_methods.clear()


async def test_an_unknown_method_and_an_unknown_argument_are_noted(wire: Wire, town: Town) -> None:
    slack = town.slack
    assert (await wire.ask("chat.sing", {}))["error"] == "unknown_method"
    await wire.ask("chat.postMessage", {"channel": town.general.id, "text": "x", "colour": "red"})
    assert slack.unknown_methods == ["chat.sing"]
    assert slack.odd_requests == ["chat.postMessage: unknown arguments ['colour']"]
    slack.unknown_methods.clear()
    slack.odd_requests.clear()
