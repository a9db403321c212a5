"""chat.*: what may be posted where, changed and deleted, and Slack's words when it may not."""

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.slack.bodies import header, markdown, section
from tests.slack.clients import Wire
from tests.slack.conftest import Town
from tests.slack.server import Kind


async def refused(asking: Any) -> Any:
    """What Slack answers where it refuses."""
    with pytest.raises(SlackApiError) as error:
        await asking
    answer: Any = error.value.response.data
    assert answer["ok"] is False
    return answer


async def test_a_message_is_posted_changed_and_deleted(town: Town) -> None:
    client, channel = town.client, town.general.id
    said = await client.chat_postMessage(channel=channel, text="one", blocks=[section("*one*")])
    ts = said["ts"]
    told = said["message"]
    assert (told["text"], told["bot_id"], told["app_id"]) == (
        "one",
        town.slack.bot(town.team).bot_id,
        town.slack.app.id,
    )
    assert told["blocks"][0]["block_id"]
    changed = await client.chat_update(channel=channel, ts=ts, text="two")
    assert changed["message"]["edited"]
    assert town.general.messages[ts].text == "two"
    assert town.general.messages[ts].blocks
    await client.chat_update(channel=channel, ts=ts, text="three", blocks=[])
    assert not town.general.messages[ts].blocks
    link = await client.chat_getPermalink(channel=channel, message_ts=ts)
    assert link["permalink"].endswith(f"/archives/{channel}/p{ts.replace('.', '')}")
    await client.chat_delete(channel=channel, ts=ts)
    assert not town.general.messages
    assert [entry.what for entry in town.slack.journal] == ["post", "update", "update", "delete"]


@pytest.mark.parametrize("asked", ["post", "update", "permalink"])
async def test_an_unknown_channel_is_not_found(town: Town, asked: str) -> None:
    client = town.client
    asking = {
        "post": client.chat_postMessage(channel="C0", text="x"),
        "update": client.chat_update(channel="C0", ts="1.0", text="x"),
        "permalink": client.chat_getPermalink(channel="C0", message_ts="1.0"),
    }
    found = asking.pop(asked)
    for other in asking.values():
        other.close()
    assert (await refused(found))["error"] == "channel_not_found"


async def test_an_archived_channel_takes_nothing(town: Town) -> None:
    ts = (await town.client.chat_postMessage(channel=town.general.id, text="x"))["ts"]
    town.slack.archive(town.general)
    client, channel = town.client, town.general.id
    for asking in (
        client.chat_postMessage(channel=channel, text="x"),
        client.chat_update(channel=channel, ts=ts, text="x"),
        client.chat_postEphemeral(channel=channel, user=town.ann.id, text="x"),
    ):
        assert (await refused(asking))["error"] == "is_archived"


async def test_only_members_post_unless_they_have_the_scope(town: Town) -> None:
    other = town.slack.add_channel(town.team, "other", bot=False)
    assert (await town.client.chat_postMessage(channel=other.id, text="x"))["ok"]
    town.token.scopes = ("chat:write",)
    answer = await refused(town.client.chat_postMessage(channel=other.id, text="x"))
    assert answer["error"] == "not_in_channel"


async def test_a_private_channel_is_not_found_from_outside(town: Town) -> None:
    hidden = town.slack.add_channel(town.team, "hidden", Kind.PRIVATE, bot=False)
    answer = await refused(town.client.chat_postMessage(channel=hidden.id, text="x"))
    assert answer["error"] == "channel_not_found"


async def test_a_channel_for_admins_only_takes_nothing(town: Town) -> None:
    only = town.slack.add_channel(town.team, "news", restricted=True)
    answer = await refused(town.client.chat_postMessage(channel=only.id, text="x"))
    assert answer["error"] == "restricted_action"


async def test_a_closed_messages_tab(town: Town) -> None:
    town.slack.app.messages_tab = False
    answer = await refused(town.client.chat_postMessage(channel=town.ann.id, text="x"))
    assert answer["error"] == "messages_tab_disabled"


async def test_a_name_or_a_person_is_a_place_too(town: Town) -> None:
    assert (await town.client.chat_postMessage(channel="#general", text="x"))["ok"]
    said = await town.client.chat_postMessage(channel=town.ann.id, text="x")
    assert said["channel"].startswith("D")


async def test_an_unknown_thread_is_not_found(town: Town) -> None:
    asking = town.client.chat_postMessage(channel=town.general.id, text="x", thread_ts="1.000000")
    assert (await refused(asking))["error"] == "thread_not_found"


async def test_a_reply_is_in_its_thread(town: Town) -> None:
    client, channel = town.client, town.general.id
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    reply = await client.chat_postMessage(channel=channel, text="reply", thread_ts=root)
    assert reply["message"]["thread_ts"] == root
    nested = await client.chat_postMessage(channel=channel, text="x", thread_ts=reply["ts"])
    assert nested["message"]["thread_ts"] == root


async def test_only_own_messages_are_changed(town: Town) -> None:
    said = town.slack.post(town.general, town.ann, {"text": "mine"})
    client, channel = town.client, town.general.id
    for asking, error in (
        (client.chat_update(channel=channel, ts=said.ts, text="x"), "cant_update_message"),
        (client.chat_delete(channel=channel, ts=said.ts), "cant_delete_message"),
        (client.chat_update(channel=channel, ts="1.0", text="x"), "message_not_found"),
        (client.chat_delete(channel=channel, ts="1.0"), "message_not_found"),
    ):
        assert (await refused(asking))["error"] == error


async def test_an_ephemeral_message_is_for_members_and_cannot_be_changed(town: Town) -> None:
    client, channel = town.client, town.general.id
    said = await client.chat_postEphemeral(channel=channel, user=town.ann.id, text="x")
    sight = town.slack.sights[-1]
    assert [sight.visible_to(who) for who in (town.ann, town.boss)] == [True, False]
    asking = client.chat_update(channel=channel, ts=said["message_ts"], text="y")
    assert (await refused(asking))["error"] == "message_not_found"
    town.general.members.pop(town.boss.id)
    asking = client.chat_postEphemeral(channel=channel, user=town.boss.id, text="x")
    assert (await refused(asking))["error"] == "user_not_in_channel"


async def test_a_message_of_nothing_and_one_of_too_much(wire: Wire, town: Town) -> None:
    channel = town.general.id
    assert (await wire.ask("chat.postMessage", {"channel": channel}))["error"] == "no_text"
    body = {"channel": channel, "text": " "}
    assert (await wire.ask("chat.postMessage", body))["error"] == "no_text"
    body["text"] = "x" * 40_001
    assert (await wire.ask("chat.postMessage", body))["error"] == "msg_too_long"
    body["text"] = "x" * 40_000
    assert (await wire.ask("chat.postMessage", body))["ok"]


@pytest.mark.parametrize("count", [4, 5])
async def test_all_blocks_together_are_limited(town: Town, count: int) -> None:
    blocks = [section("x" * 3000)] * count
    asking = town.client.chat_postMessage(channel=town.general.id, text="x", blocks=blocks)
    if count == 4:
        assert (await asking)["ok"]
        assert town.slack.findings == ["post: blocks of 12000 characters"]
    else:
        assert (await refused(asking))["error"] == "msg_blocks_too_long"


async def test_what_slack_advises_against_is_noted(wire: Wire, town: Town) -> None:
    body: dict[str, Any] = {"channel": town.general.id, "blocks": [header()]}
    assert (await wire.ask("chat.postMessage", body))["ok"]
    body = {"channel": town.general.id, "text": "x" * 4001}
    assert (await wire.ask("chat.postMessage", body))["ok"]
    assert town.slack.findings == [
        "post: no text for notifications and screen readers",
        "post: a text of 4001 characters",
    ]


async def test_metadata_is_checked_kept_and_found_again(town: Town) -> None:
    client, channel = town.client, town.general.id
    metadata: dict[str, Any] = {"event_type": "sent", "event_payload": {"key": "a-key"}}
    said = await client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    assert said["message"]["metadata"] == metadata
    assert town.slack.journal.entries[0].metadata == {"key": "a-key"}
    (found,) = (await client.conversations_history(channel=channel))["messages"]
    assert found["metadata"] == {"event_type": "sent"}
    history = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == metadata
    for wrong, error in (
        ({"event_type": "sent"}, "invalid_metadata_format"),
        ({"event_type": "sent", "event_payload": "x"}, "invalid_metadata_format"),
        ({**metadata, "more": 1}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {"key": "x" * 17_000}}, "metadata_too_large"),
    ):
        asking = client.chat_postMessage(channel=channel, text="x", metadata=wrong)
        assert (await refused(asking))["error"] == error


async def test_arguments_come_by_get_form_and_json(wire: Wire, town: Town) -> None:
    blocks = [section("here")]
    fields = {"channel": town.general.id, "text": "x", "blocks": json.dumps(blocks)}
    url, headers = town.slack.api_url, {"Authorization": f"Bearer {town.token.value}"}
    post, get = f"{url}chat.postMessage", f"{url}conversations.info"
    async with wire.session.post(post, data=fields, headers=headers) as answer:
        assert (await answer.json())["ok"]
    async with wire.session.post(post, data={**fields, "token": town.token.value}) as answer:
        assert (await answer.json())["ok"]
    async with wire.session.get(post, params=fields, headers=headers) as answer:
        assert (await answer.json())["ok"]
    async with wire.session.get(get, params={"channel": town.general.id}, headers=headers) as said:
        assert (await said.json())["channel"]["name"] == "general"
    assert (await wire.ask("chat.postMessage", {**fields, "blocks": blocks}))["ok"]
    fields["blocks"] = "[{"
    assert (await wire.ask("chat.postMessage", fields))["error"] == "invalid_blocks_format"
    headers["Content-Type"] = "application/json"
    async with wire.session.post(post, data="{", headers=headers) as answer:
        found = await answer.json()
    assert (found["error"], found["warning"]) == ("invalid_json", "missing_charset")


async def test_markdown_text_is_an_argument_of_its_own(town: Town) -> None:
    answer = await refused(
        town.client.chat_postMessage(channel=town.general.id, text="x", markdown_text="x")
    )
    assert answer["error"] == "markdown_text_conflict"
    said = await town.client.chat_postMessage(
        channel=town.general.id, text="x", blocks=[markdown("**x**")]
    )
    assert said["ok"]


async def test_only_shared_links_are_unfurled(town: Town) -> None:
    town.slack.app.domains = frozenset({"example.com"})
    said = town.slack.post(town.general, town.ann, {"text": "<https://example.com/a>"})
    client, channel = town.client, town.general.id
    blocks = [section("a post")]
    for asking, error in (
        (
            client.chat_unfurl(
                channel=channel, ts=said.ts, unfurls={"https://example.com/b": {"blocks": blocks}}
            ),
            "cannot_unfurl_url",
        ),
        (
            client.chat_unfurl(
                channel=channel, ts="1.0", unfurls={"https://example.com/a": {"blocks": blocks}}
            ),
            "cannot_find_message",
        ),
        (
            client.chat_unfurl(channel="C0", ts=said.ts, unfurls={"https://example.com/a": {}}),
            "cannot_find_channel",
        ),
    ):
        assert (await refused(asking))["error"] == error
    unfurls = {"https://example.com/a": {"blocks": blocks}}
    await client.chat_unfurl(
        unfurl_id=said.unfurl_id, source="conversations_history", unfurls=unfurls
    )
    assert said.unfurls == unfurls
