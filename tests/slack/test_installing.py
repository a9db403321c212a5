"""Installing by OAuth: from "Add to Slack" to the welcome, and what can be in the way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.scopes import SCOPES
from bot.app import utc_now
from bot.sealing import Sealer
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.facing import INSTALL, REDIRECT, Faced, opened_face
from tests.slack.server import Installation, Slack, Trouble, Way
from tests.slack.server.world import User, Workspace


@pytest.fixture
async def faced(slack: Slack, index: IndexReader, settings: Settings) -> AsyncIterator[Faced]:
    """An app that any workspace can install."""
    slack.rates.tiers.clear()
    async with opened_face(slack, index, settings) as opened:
        yield opened


def team_of(slack: Slack, name: str = "one", locale: str = "ja-JP") -> tuple[Workspace, User]:
    team = slack.add_team(name)
    return team, slack.add_user(team, "ann", admin=True, locale=locale)


async def installs(faced: Faced, team: Workspace, user: User, **more: bool) -> tuple[int, str]:
    return await faced.slack.add_to_slack(faced.install_url, team, user, **more)


async def welcomed(slack: Slack, count: int = 1) -> list[str]:
    """The texts of all messages that were posted, once there are so many."""
    assert await slack.changes.until(lambda: len(slack.journal.of("post")) >= count, 10)
    return [entry.body["text"] for entry in slack.journal.of("post")]


def installation_of(slack: Slack, team: Workspace) -> Installation:
    found = slack.registry.of(team)
    assert found is not None
    return found


async def test_somebody_adds_it_is_welcomed_and_answered(faced: Faced) -> None:
    slack = faced.slack
    for name, locale, hello in (("one", "ja-JP", "はじめまして"), ("two", "en-GB", "Hello")):
        team, ann = team_of(slack, name, locale)
        before = len(slack.journal.of("post"))
        status, text = await installs(faced, team, ann)
        assert (status, name in text) == (200, True)
        (welcome,) = (await welcomed(slack, before + 1))[before:]
        assert hello in welcome
        assert slack.journal.of("post")[-1].channel.startswith("D")
        general = slack.add_channel(team, "general")
        seen = await slack.player(ann, general).types("/matome gpu")
        assert "GPU" in seen.text
    assert await faced.stores.installations.workspaces("slack") == sorted(slack.teams)
    assert not slack.complaints


async def test_it_asks_for_its_scopes_and_keeps_the_token_sealed(faced: Faced) -> None:
    slack = faced.slack
    team, ann = team_of(slack)
    await installs(faced, team, ann)
    assert set(installation_of(slack, team).scopes) == set(SCOPES)
    (token,) = slack.registry.tokens_of(installation_of(slack, team))
    sealed = await faced.stores.installations.sealed("slack", team.id)
    assert sealed is not None
    assert token.value not in sealed
    assert token.value in Sealer([b"k" * 32]).unseal(sealed)


async def test_pages_are_in_the_language_of_the_browser(faced: Faced) -> None:
    for asked, said in (
        ("en-US,en;q=0.9,ja;q=0.8", "Add matome to Slack"),
        ("fr-FR, en;q=0.5", "Add matome to Slack"),
        ("ja", "Slack に matome を追加"),
        ("", "Slack に matome を追加"),
        ("*", "Slack に matome を追加"),
    ):
        status, text = await faced.page(INSTALL, Accept_Language=asked)
        assert (status, said in text) == (200, True), asked


async def test_pages_take_nothing_from_elsewhere(faced: Faced) -> None:
    team = faced.slack.add_team("<script>alert(1)</script>")
    ann = faced.slack.add_user(team, "ann", admin=True)
    status, text = await installs(faced, team, ann)
    assert status == 200
    assert "<script>" not in text
    async with faced.session.get(faced.install_url) as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie


async def test_who_does_not_allow_it_is_told_so(faced: Faced) -> None:
    team, ann = team_of(faced.slack)
    status, text = await installs(faced, team, ann, allows=False)
    assert (status, "キャンセル" in text, INSTALL in text) == (200, True, True)
    assert not await faced.stores.installations.workspaces("slack")


async def test_another_browser_is_refused(faced: Faced) -> None:
    team, ann = team_of(faced.slack)
    status, text = await installs(faced, team, ann, keeps_cookies=False)
    assert (status, "10 分以内" in text) == (400, True)
    assert not await faced.stores.installations.workspaces("slack")


async def state_of(faced: Faced) -> tuple[str, str]:
    """The state of a new beginning, and the cookie that goes with it."""
    async with faced.session.get(faced.install_url) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    return cookie.partition("=")[2], cookie


async def comes_back(faced: Faced, state: str, code: str = "none") -> tuple[int, str]:
    cookie = f"slack-app-oauth-state={state}"
    return await faced.page(f"{REDIRECT}?state={state}&code={code}", Cookie=cookie)


async def test_a_state_is_good_once(faced: Faced) -> None:
    state, cookie = await state_of(faced)
    assert cookie == f"slack-app-oauth-state={state}"
    # Only the code is wrong.
    assert (await comes_back(faced, state))[0] == 401
    assert [str(one) for one in faced.slack.refusals] == ["invalid_code"]
    assert (await comes_back(faced, state))[0] == 401
    assert len(faced.slack.refusals) == 1


async def test_a_state_is_good_for_ten_minutes(faced: Faced) -> None:
    (old, _), (good, _) = await state_of(faced), await state_of(faced)
    faced.watch.offset += timedelta(minutes=9, seconds=50)
    assert (await comes_back(faced, good))[0] == 401
    assert len(faced.slack.refusals) == 1
    faced.watch.offset += timedelta(seconds=20)
    assert (await comes_back(faced, old))[0] == 401
    assert len(faced.slack.refusals) == 1


@pytest.mark.parametrize("state", ["", "x", "%C3%A9", "gAAAAA", "deleted"])
async def test_a_state_that_is_not_ours_is_refused(faced: Faced, state: str) -> None:
    status, _ = await comes_back(faced, state)
    assert status in (400, 401)
    assert not faced.slack.refusals


async def test_a_state_sealed_for_something_else_is_refused(faced: Faced) -> None:
    for text in ("{}", "slack-other x 9999999999"):
        sealed = Sealer([b"k" * 32]).seal(text).rstrip("=")
        assert (await comes_back(faced, sealed))[0] == 401, text
    other = Sealer([b"o" * 32]).seal("slack-state x 9999999999").rstrip("=")
    assert (await comes_back(faced, other))[0] == 401
    assert not faced.slack.refusals


async def test_without_a_code_nothing_is_asked(faced: Faced) -> None:
    state, cookie = await state_of(faced)
    status, _ = await faced.page(f"{REDIRECT}?state={state}", Cookie=cookie)
    assert status == 401
    assert not faced.slack.refusals


async def test_the_way_to_slack_names_the_app_and_its_scopes_alone(faced: Faced) -> None:
    _, text = await faced.page(INSTALL)
    address = text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    query = parse_qs(urlsplit(address).query)
    assert query["client_id"] == [faced.slack.app.client_id]
    assert set(query["scope"][0].split(",")) == set(SCOPES)
    assert "user_scope" not in query


async def test_a_slack_that_is_away_is_said_so(faced: Faced) -> None:
    state, _ = await state_of(faced)
    faced.slack.troubles.choose = lambda method: Trouble(Way.RESET)
    status, text = await comes_back(faced, state)
    assert (status, "しばらく" in text) == (503, True)


async def test_an_organisation_adds_it_for_all_its_workspaces(faced: Faced) -> None:
    slack = faced.slack
    slack.app.org = True
    org = slack.add_enterprise("big")
    one, two = slack.add_team("one", org), slack.add_team("two", org)
    ann = slack.add_user(one, "ann", owner=True)
    slack.add_member(two, ann)
    status, text = await installs(faced, one, ann, org=True)
    assert (status, f"/manage/{org.id}/" in text) == (200, True)
    assert await faced.stores.installations.workspaces("slack") == [org.id]
    for team in (one, two):
        player = slack.player(ann, slack.add_channel(team, "general"))
        assert "GPU" in (await player.types("/matome gpu")).text
    slack.uninstall(installation_of(slack, one))
    await faced.handled()
    assert not await faced.stores.installations.workspaces("slack")


async def test_where_tokens_cannot_be_read_any_more_that_is_said(
    faced: Faced, caplog: pytest.LogCaptureFixture
) -> None:
    slack = faced.slack
    team, ann = team_of(slack)
    await slack.add_to_slack(faced.install_url, team, ann)
    await faced.handled()
    other = Sealer([b"o" * 32]).seal("{}")
    await faced.stores.installations.keep("slack", team.id, other, utc_now())
    faced.watch.offset += timedelta(minutes=2)
    await slack.player(ann).opens_home(waits=False)
    await faced.handled()
    assert "App Home could not be shown" in caplog.text
    assert not [one for one in caplog.records if one.levelname == "ERROR" and "bolt" in one.name]
