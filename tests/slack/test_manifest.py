"""slack-manifest.yaml: it asks for what the code needs, and keeps Slack's limits for manifests."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.slack.filling import SEARCH
from adapters.slack.scopes import EVENTS, SCOPES
from bot.chat.commands import MESSAGE_COMMANDS
from bot.locales import Texts
from tests.slack.server import Slack
from tests.slack.server.app import EVENT_SCOPES
from tests.slack.server.app import EVENTS as KNOWN_EVENTS
from tests.slack.server.app import SCOPES as KNOWN_SCOPES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def manifest() -> Any:
    return yaml.safe_load((ROOT / "slack-manifest.yaml").read_text("utf-8"))


def test_it_asks_for_the_scopes_and_events_that_the_code_needs(manifest: Any) -> None:
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)
    assert set(SCOPES) <= set(KNOWN_SCOPES)
    assert set(EVENTS) <= set(KNOWN_EVENTS)


def test_every_event_comes_with_these_scopes() -> None:
    for event in EVENTS:
        needed = EVENT_SCOPES.get(event, ())
        assert not needed or set(needed) & set(SCOPES), event


def test_the_slack_of_the_tests_takes_it(slack: Slack, manifest: Any) -> None:
    slack.app.configure(manifest)
    app = slack.app
    assert (app.name, app.commands, app.socket_mode) == ("matome", frozenset({"/matome"}), True)
    assert app.home_tab
    assert app.messages_tab
    assert not app.rotation
    assert not app.org


def test_its_shortcuts_are_those_of_the_program(manifest: Any) -> None:
    shortcuts = {one["callback_id"]: one for one in manifest["features"]["shortcuts"]}
    on_messages = [one for one in shortcuts.values() if one["type"] == "message"]
    assert [one["callback_id"] for one in on_messages] == [one.name for one in MESSAGE_COMMANDS]
    assert shortcuts[SEARCH]["type"] == "global"
    for one in on_messages:
        assert one["name"] == Texts("ja")(f"command.{one['callback_id']}.name")


def test_people_may_write_to_it_in_its_messages_tab(manifest: Any) -> None:
    home = manifest["features"]["app_home"]
    assert home["messages_tab_read_only_enabled"] is False
    # What is typed comes as it is.
    assert manifest["features"]["slash_commands"][0]["should_escape"] is False


def test_it_keeps_the_limits_of_manifests(manifest: Any) -> None:
    shown, features = manifest["display_information"], manifest["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["unfurl_domains"]) <= 5
    for one in features["shortcuts"]:
        assert len(one["name"]) <= 24
        assert len(one["description"]) <= 150
    for one in features["slash_commands"]:
        assert len(one["command"]) <= 32
        assert len(one["description"]) <= 2000
        assert len(one["usage_hint"]) <= 1000


def test_the_document_says_what_everything_is_for() -> None:
    document = (ROOT / "docs/slack.md").read_text("utf-8")
    for name in (*SCOPES, *EVENTS):
        assert f"`{name}`" in document, name
