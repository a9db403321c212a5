"""`matome digest`: all places looked after from the command line, beside a running bot."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.chat.commands import COMMANDS
from bot.chat.lines import name_of
from bot.cli import DIGEST_OPTIONS, build_parser
from bot.locales import LANGUAGES, Texts
from bot.outbox import Outcome, Result
from bot.ports import Pace
from bot.stores import Stores
from bot.subscription import Place
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.blog import Blog
from tests.cli.test_usage import subparsers
from tests.commands import Matome

Answer = TypeVar("Answer")


@pytest.fixture
def synced(matome: Matome, small_blog: Blog) -> Matome:
    """The program with an index of its own, and no state yet."""
    assert matome("sync").status == 0
    return matome


def in_state(matome: Matome, work: Callable[[Stores], Awaitable[Answer]]) -> Answer:
    """Something that is done with the stores of the program's state."""

    async def done() -> Answer:
        async with open_state(matome.data / "state.sqlite3") as state:
            return await work(stores_of(state))

    return asyncio.run(done())


def added(matome: Matome, *options: str) -> str:
    """The id of a new digest."""
    done = matome("digest", "add", *options)
    assert (done.status, done.err) == (0, "")
    found = re.match(r"([a-z0-9]{8})  ", done.out)
    assert found is not None
    return found[1]


def test_the_options_are_those_of_the_chat() -> None:
    (digest,) = (command for command in COMMANDS if command.name == "digest")
    by_name = {command.name: command for command in digest.subcommands}
    wishes = [option.name for option in by_name["add"].options if option.name != "target"]
    assert list(DIGEST_OPTIONS) == wishes
    actions = subparsers(subparsers(build_parser(Texts("en")))["digest"])
    assert set(actions) == {*by_name, "history"}
    flags = {flag for action in actions["edit"]._actions for flag in action.option_strings}
    english = {name_of(("digest", option), Texts("en")) for option in DIGEST_OPTIONS}
    assert flags - {"-h", "--help"} == {f"--{name}" for name in english}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_explains_itself(language: str) -> None:
    digest = subparsers(build_parser(Texts(language)))["digest"]
    for action in subparsers(digest).values():
        assert action.description
        assert all(each.help for each in action._actions)


def test_without_any_digest_nothing_is_made(synced: Matome) -> None:
    done = synced("digest")
    assert (done.status, done.out, done.err) == (0, "", "There are no digests yet.\n")
    assert not (synced.data / "state.sqlite3").exists()


def test_a_digest_is_added_changed_paused_and_removed(synced: Matome) -> None:
    name = added(synced, "--time", "9時半", "--tags", "gpu,hacker-news", "--posts", "3")
    listed = synced("digest").out
    assert listed.startswith(f"{name}  console:terminal  every day 9:30　#GPU #Hacker News (Asia")
    assert synced("digest", "list", "--in", "console:elsewhere").out == ""
    done = synced("digest", "edit", name, "--time", "20:00", "--tags", "-")
    assert done.status == 0
    assert done.out.startswith(f"{name}  It was changed.\n")
    assert "Tags" not in done.out
    assert "It is paused." in synced("digest", "pause", name).out
    assert "It was resumed." in synced("digest", "resume", name).out
    changes = in_state(synced, lambda stores: stores.subscriptions.changes(name, 9))
    assert [(change.what, change.person) for change in changes] == [
        (what, "operator") for what in ("resume", "pause", "edit", "add")
    ]
    # What was changed is told in the language of the digest.
    status = synced("digest", "status", name).out
    assert "　the operator　changed it　時刻：20:00 / タグ：-\n" in status
    assert synced("digest", "remove", name).out == "The digest was removed.\n"
    assert synced("digest").out == ""


def test_the_same_twice_is_there_already(synced: Matome) -> None:
    name = added(synced)
    done = synced("digest", "add")
    assert done.out.startswith(f"{name}  This digest is there already.")


def test_a_digest_of_another_platform_is_looked_after_by_its_id(synced: Matome) -> None:
    name = added(synced, "--in", "discord:1234", "--zone", "New York", "--language", "English")
    (kept,) = in_state(synced, lambda stores: stores.subscriptions.every())
    assert (kept.id, kept.place, kept.creator) == (name, Place("discord", "1234"), None)
    assert kept.times.zone == "America/New_York"
    assert synced("digest", "list", "--in", "discord:1234").out.startswith(name)
    assert synced("digest", "pause", name).status == 0


def test_a_preview_is_printed_and_changes_nothing(synced: Matome) -> None:
    name = added(synced, "--tags", "GPU", "--language", "ja")
    first, second = (synced("digest", "preview", name).out for _ in range(2))
    assert first == second
    assert "GPUのメモリは遅い？" in first
    assert "開く" not in first


def test_what_was_taken_down_is_in_no_preview(synced: Matome) -> None:
    name = added(synced, "--language", "ja")
    assert "コンパイルが長い" in synced("digest", "preview", name).out
    assert synced("hide", "2025_05_20_rust#1").status == 0
    assert "コンパイルが長い" not in synced("digest", "preview", name).out


async def _delivered(stores: Stores) -> None:
    """Everything that waits is done."""
    now = datetime.now(UTC)
    lease = timedelta(minutes=1)
    found = await stores.outbox.claim("console", Pace(50), str, now, 9, lease, "w")
    await stores.outbox.settle([Result(c, Outcome.DONE, "m1") for c in found.claims], now)


def test_one_that_is_sent_now_is_in_the_history(synced: Matome) -> None:
    name = added(synced)
    done = synced("digest", "history", name)
    assert (done.status, done.out, done.err) == (0, "", "Nothing was sent yet.\n")
    done = synced("digest", "now", name)
    assert (done.status, done.out) == (0, "It is on its way.\n")
    assert "the matome that runs" in done.err
    assert "about to be sent" in synced("digest", "history", name).out
    in_state(synced, _delivered)
    done = synced("digest", "now", name)
    assert (done.out.startswith("It was sent just now."), done.err) == (True, "")
    shown = synced("digest", "history", name, "--limit", "1").out
    assert "sent (posts: 3)" in shown
    assert "GPUのメモリは遅い？" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("add --time 25:00", "If you mean 1:00"),
        ("add --posts 999", "Please use 1 to 10"),
        ("add --tags nonsense", "There is no tag “nonsense”"),
        ("add --in nowhere", "“nowhere” is no place"),
        ("add 9:30", "unrecognized arguments"),
        ("pause nothing1", "There is no such digest. matome digest lists"),
        ("edit nothing1 --posts 3", "There is no such digest"),
        ("history nothing1 --limit 0", "--limit must be at least 1"),
        ("nonsense", "invalid choice"),
        ("status", "required: ID"),
    ],
)
def test_what_cannot_be_understood_is_status_2(synced: Matome, arguments: str, said: str) -> None:
    done = synced("digest", *arguments.split())
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
