"""A digest that an operator added belongs to its server as soon as the bot has looked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.digest import placing
from bot.settings import Settings
from bot.stores import Stores
from bot.subscription import Place, Subscription
from storage.index.reader import IndexReader
from tests.delivery.rows import row
from tests.discord.scene import opened_scene
from tests.discord.server import opened_discord
from tests.state.samples import MADE


async def test_it_ends_with_its_server(
    index: IndexReader, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "LOOKED_EVERY", 0.05)
    async with (
        opened_discord() as discord,
        opened_scene(discord, index, settings, looks=True) as scene,
    ):
        stores = await scene.bot.get_stores()
        place = Place("discord", str(scene.channel.id))
        added = replace(MADE, place=place, creator=None)
        await stores.subscriptions.add(added, None, 50)
        sent = replace(row("sent", target=place.target), deadline=datetime.now(UTC))
        await stores.outbox.put([sent], datetime.now(UTC))
        async with asyncio.timeout(30):
            while (there := await kept(stores)).place.workspace is None:
                pass
        assert there.place == replace(place, workspace=str(scene.guild.id))
        assert there.due == added.due
        assert await stores.subscriptions.unplaced(["discord"]) == []
        noted = scene.connected.noted
        discord.remove_bot(scene.guild)
        assert await noted.changes.until(lambda: bool(noted.left), 30)
        assert (await kept(stores)).paused
        # Also where the digest itself has been removed before.
        await stores.subscriptions.remove(added.id, None, datetime.now(UTC))
        await stores.upkeep.forget_expired(
            datetime.now(UTC) + timedelta(days=15), timedelta(days=365)
        )
        assert await stores.outbox.row("sent") is None


async def kept(stores: Stores) -> Subscription:
    found = await stores.subscriptions.get(MADE.id)
    assert found is not None
    return found
