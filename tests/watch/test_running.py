"""A running bot, asked over HTTP: readiness with its reasons, and metrics that move."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import settings_for
from tests.discord.server import Trouble as DiscordTrouble
from tests.discord.server import Way as DiscordWay
from tests.discord.server import opened_discord
from tests.postgres import Cluster
from tests.slack.conftest import Town
from tests.slack.program import over_a_socket, over_http, running, serves
from tests.slack.server import Trouble, Way
from tests.slack.test_run import slow
from tests.watch.asking import Asked, asker_of, both, listening

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")

# What a person types in these tests, of which nothing may be in the metrics.
TYPED = "メモリ帯域"


async def test_metrics_move_with_what_people_do(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        guild = discord.add_guild("readers")
        channel = discord.add_channel(guild, "general")
        ann = discord.add_user("ann")
        discord.join(guild, ann)
        settings = both(discord, town)
        async with running(matome, settings), asker_of(settings) as asker:
            assert (await asker.ready()).text == "ready\n"
            before = await asker.get("/metrics")
            assert before.value("matome_requests_total") is None
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            player = discord.player(ann, channel)
            assert "GPU" in (await player.types("/matome", query=TYPED)).text
            await player.types("/matome", query="after:yesterday")
            seen = await town.slack.player(town.ann, town.general).types(f"/matome {TYPED}")
            await town.slack.player(town.ann, town.general).clicks(seen, "読む")

            def is_counted(said: Asked) -> bool:
                arrived = "matome_reply_duration_seconds_count"
                counts = [said.value(arrived, platform=name) for name in ("discord", "slack")]
                # It takes a second until it is known how late the loop is for the first time.
                return counts == [2, 2] and bool(said.value("matome_event_loop_lag_seconds_count"))

            after = await asker.until("/metrics", is_counted)
            opened = await asker.get("/metrics", Accept="application/openmetrics-text")
        requests = "matome_requests_total"
        for platform in ("discord", "slack"):
            asked = {"platform": platform, "intent": "search", "outcome": "ok"}
            assert after.value(requests, **asked) == 1
            count = "matome_request_duration_seconds_count"
            assert (after.value(count, platform=platform) or 0) >= 2
        assert after.value(requests, platform="discord", outcome="user_error") == 1
        assert after.value(requests, platform="slack", intent="read_comments", outcome="ok") == 1
        assert after.value(requests, outcome="incident") is None
        assert after.value("matome_gateway_up") == after.value("matome_adapter_up") == 2
        assert after.value("matome_state_up") == after.value("matome_ready") == 1
        assert after.value("matome_index_posts") == 3
        assert (after.value("matome_index_comments"), after.value("matome_incidents_total")) == (
            7,
            None,
        )
        assert (after.value("matome_index_bytes") or 0) > 10_000
        assert after.value("matome_newest_post_timestamp_seconds") == 1749481200
        assert (after.value("process_resident_memory_bytes") or 0) > 10_000_000
        assert after.kind.startswith("text/plain; version=0.0.4")
        assert opened.kind.startswith("application/openmetrics-text; version=1.0.0")
        assert opened.text.endswith("# EOF\n")
        for text in (before.text, after.text, opened.text):
            for never in (
                TYPED,
                "yesterday",
                str(ann.id),
                str(guild.id),
                str(channel.id),
                town.ann.id,
                town.team.id,
                town.general.id,
                "readers",
            ):
                assert never not in text


async def test_a_refused_token_is_a_reason_while_the_other_platform_answers(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        settings = both(discord, town, token="a-wrong-token")  # noqa: S106
        async with running(matome, settings), asker_of(settings) as asker:
            await town.slack.connected()
            said = await asker.not_ready("Discord does not accept the token")
            assert said.text.startswith("discord: ")
            assert "a-wrong-token" not in said.text
            seen = await town.slack.player(town.ann, town.general).types("/matome gpu")
            assert "GPU" in seen.text
            alone = await asker.until("/readyz", lambda said: said.text.count("\n") == 1)
            assert alone.status == 503
            told = await asker.get("/readyz", Accept="application/json")
            assert (told.status, json.loads(told.text)["ready"]) == (503, False)
            assert list(json.loads(told.text)["reasons"]) == ["discord"]
            metrics = await asker.get("/metrics")
            assert metrics.value("matome_adapter_up", platform="discord") == 0
            assert metrics.value("matome_adapter_up", platform="slack") == 1
            assert metrics.value("matome_ready") == 0
            assert (await asker.get("/livez")).status == 200


async def test_a_cut_gateway_is_a_reason_until_it_is_back(matome: Matome, small_blog: Blog) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        discord.add_guild("readers")
        settings = {**settings_for(discord), **listening()}
        async with running(matome, settings), asker_of(settings) as asker:
            await asker.ready()
            discord.gateway.takes.clear()
            await discord.gateway.cut()
            said = await asker.not_ready("Connections are lost or not there yet (0)")
            assert said.text.startswith("discord: ")
            metrics = await asker.get("/metrics")
            assert metrics.value("matome_gateway_up", platform="discord", link="0") == 0
            discord.gateway.takes.set()
            await asker.ready()
            metrics = await asker.get("/metrics")
            assert metrics.value("matome_gateway_up", platform="discord", link="0") == 1
            assert metrics.value("matome_gateway_reconnects_total", platform="discord") == 1


async def test_a_cut_socket_is_a_reason_until_it_is_back(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    settings = {**over_a_socket(town.slack, town.token), **listening()}
    async with running(matome, settings), asker_of(settings) as asker:
        await asker.ready()
        town.slack.troubles.choose = slow("apps.connections.open", asyncio.Event())
        await town.slack.link.socket.cut()
        said = await asker.not_ready("(socket)")
        assert said.text.startswith("slack: ")
        await asker.ready()
        metrics = await asker.get("/metrics")
        assert metrics.value("matome_gateway_reconnects_total", platform="slack") == 1


async def test_a_429_is_counted_with_the_wait_that_it_asks_for(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    settings = {**over_a_socket(town.slack, town.token), **listening()}
    async with running(matome, settings), asker_of(settings) as asker:
        await asker.ready()
        left = ["chat.postMessage"]

        def choose(method: str) -> Trouble | None:
            if method not in left:
                return None
            left.remove(method)
            return Trouble(Way.LIMITED, seconds=1.0)

        town.slack.troubles.choose = choose
        assert "GPU" in (await town.slack.player(town.ann).says("gpu")).text
        metrics = await asker.get("/metrics")
        asked = {"platform": "slack", "scope": "request"}
        assert metrics.value("matome_rate_limit_wait_seconds_count", **asked) == 1
        assert metrics.value("matome_rate_limit_wait_seconds_sum", **asked) == 1


async def test_what_is_sent_is_measured_with_how_late_it_is(
    matome: Matome, small_blog: Blog
) -> None:
    assert matome("sync").status == 0
    async with opened_discord() as discord:
        channel = discord.add_channel(discord.add_guild("readers"), "general")
        settings = {**settings_for(discord), **listening()}
        async with running(matome, settings), asker_of(settings) as asker:
            await asker.ready()
            assert await discord.changes.until(lambda: bool(discord.commands), SECONDS)
            # It has said hello: what is asked to wait is what comes now.
            assert await discord.changes.until(lambda: bool(channel.messages), SECONDS)
            limited = DiscordTrouble(DiscordWay.GLOBAL, seconds=1.0)
            discord.troubles.plan("POST", ".*/messages", limited)
            owner = discord.player(discord.owner, channel)
            await owner.clicks(await owner.types("/matome", query="gpu"), "チャンネルに共有")

            def is_sent(said: Asked) -> bool:
                done = {"platform": "discord", "op": "post", "outcome": "done"}
                return said.value("matome_deliveries_total", **done) == 2

            metrics = await asker.until("/metrics", is_sent)
    asked = {"platform": "discord", "op": "post"}
    # Once it was asked to wait.
    assert metrics.value("matome_deliveries_total", **asked, outcome="put_off") == 1
    assert metrics.value("matome_delivery_lateness_seconds_count", **asked) == 2
    assert 1 < (metrics.value("matome_delivery_lateness_seconds_sum", **asked) or 0) < 60
    assert (metrics.value("matome_pace_wait_seconds_count", platform="discord") or 0) >= 2
    waits = {"platform": "discord", "scope": "platform"}
    assert metrics.value("matome_rate_limit_wait_seconds_count", **waits) == 1
    assert metrics.value("matome_rate_limit_wait_seconds_sum", **waits) == 1


async def test_incidents_and_lost_replies_are_counted(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    settings = {**over_a_socket(town.slack, town.token), **listening()}
    async with running(matome, settings), asker_of(settings) as asker:
        await asker.ready()
        refused = Trouble(
            Way.BODY, 200, body=b'{"ok":false,"error":"invalid_blocks"}', kind="application/json"
        )
        town.slack.troubles.choose = lambda method: (
            refused if method == "chat.postMessage" else None
        )
        asking = asyncio.create_task(town.slack.player(town.ann).says("gpu"))

        def is_lost(said: Asked) -> bool:
            return said.value("matome_replies_lost_total", platform="slack") == 1

        metrics = await asker.until("/metrics", is_lost)
        asking.cancel()
    assert metrics.value("matome_incidents_total", place="bot.chat.failures") == 1
    # The chat itself has answered.
    assert metrics.value("matome_requests_total", platform="slack", outcome="ok") == 1


async def test_it_is_not_ready_before_there_is_an_index(
    matome: Matome, small_blog: Blog, town: Town, tmp_path: Path
) -> None:
    small_blog.root.rename(tmp_path / "away")
    settings = {**over_http(town.slack, town.token), "MATOME_SYNC_EVERY": "0"}
    async with running(matome, settings), asker_of(settings) as asker:
        said = await asker.not_ready("index: Sorry, the archive cannot be read at the moment")
        assert "state" not in said.text
        metrics = await asker.get("/metrics")
        assert metrics.value("matome_index_posts") is None
        assert metrics.value("matome_sync_last_success_timestamp_seconds") is None
        assert (metrics.value("matome_syncs_total", result="failed") or 0) >= 1
        (tmp_path / "away").rename(small_blog.root)
        await asker.ready()
        metrics = await asker.get("/metrics")
        assert metrics.value("matome_syncs_total", result="succeeded") == 1
        assert (metrics.value("matome_sync_last_success_timestamp_seconds") or 0) > 1.7e9


async def test_a_token_that_is_revoked_later_is_a_reason(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    settings = over_http(town.slack, town.token)
    async with running(matome, settings), asker_of(settings) as asker:
        await serves(town.slack)
        await asker.ready()
        town.slack.revoke(town.token)
        await asker.not_ready("slack: The app was removed")


async def test_it_is_not_ready_as_soon_as_it_leaves_and_answers_until_the_end(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    settings = over_http(town.slack, town.token)
    async with running(matome, settings) as process, asker_of(settings) as asker:
        await serves(town.slack)
        await asker.ready()
        asked = asyncio.Event()
        town.slack.troubles.choose = slow("chat.postMessage", asked)
        asking = asyncio.create_task(town.slack.player(town.ann).says("gpu"))
        await asyncio.wait_for(asked.wait(), SECONDS)
        process.send_signal(signal.SIGTERM)
        said = await asker.not_ready("leaving")
        assert said.text == "program: The program is leaving.\n"
        assert (await asker.get("/livez")).status == 200
        assert (await asker.get("/metrics")).value("matome_ready") == 0
        assert "GPU" in (await asking).text
        assert await asyncio.wait_for(process.wait(), SECONDS) == 0


@pytest.mark.parametrize("how", ["stopped", "silent"])
async def test_a_state_that_is_gone_is_a_reason_until_it_is_back(
    matome: Matome, small_blog: Blog, town: Town, postgres: Cluster, postgres_url: str, how: str
) -> None:
    assert matome("sync").status == 0
    settings = {**over_http(town.slack, town.token), "MATOME_STATE_URL": postgres_url}
    async with running(matome, settings), asker_of(settings) as asker:
        await serves(town.slack)
        await asker.ready()
        metrics = await asker.get("/metrics")
        assert metrics.value("matome_state_up") == 1
        assert metrics.value("matome_outbox_rows", platform="slack") == 0
        assert metrics.value("matome_outbox_oldest_ready_seconds", platform="slack") == 0
        (postgres.stop if how == "stopped" else postgres.freeze)()
        try:
            said = await asker.not_ready("state: ")
            assert ("cannot be reached" if how == "stopped" else "within 2 s") in said.text
            async with asyncio.timeout(5):
                metrics = await asker.get("/metrics")
            assert metrics.value("matome_state_up") == 0
            assert metrics.value("matome_outbox_rows") is None
            # People are answered all the same.
            assert "GPU" in (await town.slack.player(town.ann).says("gpu")).text
        finally:
            (postgres.start if how == "stopped" else postgres.thaw)()
        await asker.ready()
