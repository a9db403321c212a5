"""Where digests belong is asked until it is known, or known to be nowhere."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.town import Recorder, recorder
from bot.digest.placing import LOOKED_EVERY, keep_placing
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater
from bot.stores import Stores
from bot.subscription import Place
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.state.samples import subscription


@dataclass(slots=True)
class Knowing(Recorder):
    """A platform that says of each target to which workspace it belongs, or what is the matter."""

    answers: dict[str, str | DeliveryError | None] = field(default_factory=dict, init=False)
    asked: list[str] = field(default_factory=list, init=False)

    async def workspace(self, target: str) -> str | None:
        """What was set."""
        self.asked.append(target)
        answer = self.answers[target]
        if isinstance(answer, DeliveryError):
            raise answer
        return answer


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with open_state(tmp_path / "state.sqlite3") as state:
        yield stores_of(state)


async def test_it_is_asked_until_it_is_known(stores: Stores) -> None:
    like = recorder()
    place = Knowing(like.screen, like.texts, like.now)
    place.answers = {
        "a": "G1",
        "direct": None,
        "gone": TargetGone("delivery.gone", what="gone"),
        "hidden": Forbidden(),
        "later": TryLater("HTTP 503"),
    }
    for target in place.answers:
        await stores.subscriptions.add(subscription(target, Place("discord", target)), None, 50)
    own = subscription("own", Place("discord", "own"), personal=True)
    known = subscription("known", Place("discord", "known", "G2"))
    elsewhere = subscription("elsewhere", Place("slack", "T1/C1"))
    for one in (own, known, elsewhere):
        await stores.subscriptions.add(one, None, 50)
    waits = 0

    async def sleep(seconds: float) -> None:
        nonlocal waits
        assert seconds == LOOKED_EVERY
        waits += 1
        if waits == 3:
            place.answers["later"] = "G3"
        if waits == 5:
            raise asyncio.CancelledError

    async def get_stores() -> Stores:
        return stores

    with pytest.raises(asyncio.CancelledError):
        await keep_placing({"discord": place}, get_stores, sleep)
    assert sorted(place.asked) == ["a", "direct", "gone", "hidden", "later", "later", "later"]
    placed = {each.id: each.place for each in await stores.subscriptions.every()}
    assert {name: there.workspace for name, there in placed.items() if there.workspace} == {
        "a": "G1",
        "later": "G3",
        "known": "G2",
    }
    assert placed["a"] == replace(Place("discord", "a"), workspace="G1")
