"""What is kept of people is what docs/privacy.md says: no column more, no typed text, no longer."""

import asyncio
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.console.history import KEPT as KEPT_LINES
from adapters.slack.handled import KEPT_FOR
from bot.chat.codes import KEPT
from bot.running.later import FORGETTING_EVERY
from bot.settings import DEFAULTS
from storage.state.tables import METADATA
from storage.state.upkeep import GRACE
from tests.blog import Blog
from tests.commands import ROOT, SECONDS, Matome
from tests.discord.program import settings_for
from tests.discord.server import opened_discord
from tests.leaks import Seen, said, served_by, watched
from tests.slack.program import free_port, over_a_socket, running
from tests.slack.server import opened_slack
from tests.test_secrets import together
from tests.watch.asking import asker_of

DOCUMENT = ROOT / "docs" / "privacy.md"

# What people type, each where it is kept if it is: what is too long for a button, and what
# somebody shares.
TYPED, LONG, SHARED = "秘密MARKED", "長い言葉" * 30 + "LONG", "共有SHARED"


def rows(document: str) -> dict[str, list[str]]:
    """The tables that the document describes: the cells behind each name."""
    found: dict[str, list[str]] = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if (name := re.fullmatch(r"`(\w+)`", cells[0])) and len(cells) == 4:
            found[name[1]] = cells[1:]
    return found


def test_every_table_and_column_of_the_state_is_described_and_no_other() -> None:
    described = {
        table: re.findall(r"`(\w+)`", cells[0])
        for table, cells in rows(DOCUMENT.read_text("utf-8")).items()
    }
    assert described == {
        table.name: [column.name for column in table.columns] for table in METADATA.tables.values()
    }


def test_what_is_kept_for_a_time_is_kept_as_long_as_it_says() -> None:
    document = DOCUMENT.read_text("utf-8")
    until = {table: cells[2] for table, cells in rows(document).items()}
    usual = DEFAULTS["MATOME_KEEP_DAYS"]
    assert f"{KEPT.days} days" in until["stored_code"]
    assert f"after {KEPT_FOR.total_seconds() / 3600:.0f} hour" in until["handled_event"]
    for table in ("subscription", "subscription_change", "had_post", "outbox", "workspace"):
        assert f"{GRACE.days} days" in until[table]
    assert f"**{GRACE.days} days**" in document
    for table in ("subscription_change", "outbox"):
        assert f"`MATOME_KEEP_DAYS` ({usual} days)" in until[table]
    assert FORGETTING_EVERY.days == 1
    assert "once a day" in document
    assert f"{KEPT_LINES:,} lines" in document


async def test_nothing_that_people_type_is_kept_but_what_the_document_names(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    seen = Seen()
    async with opened_discord() as discord, opened_slack() as slack:
        slack.rates.burst = slack.rates.workspace = 10_000
        team = slack.add_team("readers")
        ann = slack.add_user(team, "ann-by-name")
        token = slack.install(team)
        general = slack.add_channel(team, "general")
        channel = discord.add_channel(discord.add_guild("readers"), "general")
        environment = together(settings_for(discord), over_a_socket(slack, token))
        environment["MATOME_HTTP"] = f"127.0.0.1:{free_port()}"
        async with running(matome, environment) as process, watched(process, matome.data, seen):
            await discord.connected(seconds=SECONDS)
            await slack.connected()
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            owner, player = discord.player(discord.owner, channel), slack.player(ann, general)
            await owner.types("/matome", query=TYPED)
            await owner.says(f"{TYPED} -x", to_bot=True)
            await discord.player(discord.owner).says(TYPED)
            await player.types(f"/matome {TYPED}")
            await player.types(f"/matome {TYPED} user:nobody)")
            await player.mentions(TYPED)
            await slack.player(ann).says(TYPED)
            # What has a button, and is too long for it.
            await player.types(f"/matome GPU -{LONG}")
            shared = await player.types(f"/matome GPU -{SHARED}")
            await player.clicks(shared, "共有", waits=False)
            posted = slack.journal.of
            assert await slack.changes.until(lambda: SHARED in str(posted("post")), SECONDS)
            await slack.settled()
            async with asker_of(environment) as asker:
                await asker.ready()
            await served_by(environment["MATOME_HTTP"], seen)
            process.send_signal(signal.SIGTERM)
            assert await said(process, seen, SECONDS) == 0
        doctor = await asyncio.to_thread(matome, "doctor", env=environment)
    seen.add("doctor", doctor.stdout + doctor.stderr)
    assert seen.holding(TYPED, "ann-by-name") == []
    # Who measures the bot learns how much it does, but of nobody.
    assert b"matome_requests" in seen.everything["/metrics"]
    assert b"ready\n" in seen.everything["/readyz"]
    numbers = (ann.id, team.id, general.id, str(discord.owner.id), str(channel.id))
    named = {where for where, _ in seen.holding(LONG, SHARED, *numbers)}
    assert not named & {"/metrics", "/readyz", "/livez"}
    # SQLite has it in its log until somebody who may write is the last to close the file.
    files = {where.removesuffix("-wal") for where, _ in seen.holding(LONG, SHARED)}
    assert files == {"file state.sqlite3"}
    assert columns_with(matome.data / "state.sqlite3", LONG) == {"stored_code.payload"}
    assert columns_with(matome.data / "state.sqlite3", SHARED) == {"outbox.said"}


def columns_with(file: Path, text: str) -> set[str]:
    """The columns of a SQLite database in which a text stands."""
    found = set()
    with closing(sqlite3.connect(file)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            cursor = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own tables)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                found |= {
                    f"{table}.{name}"
                    for name, value in zip(names, row, strict=True)
                    if text in str(value)
                }
    return found
