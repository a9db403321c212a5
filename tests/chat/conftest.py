"""An index of a year of posts, and a chat that answers from it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from adapters.console.platform import NAME
from adapters.console.render import Paper
from adapters.console.screen import Screen
from bot.chat.chat import Chat, Clocks, Reply
from bot.chat.codes import Codes
from bot.chat.context import Context, Frame
from bot.chat.digests.desk import Desk as AnsweringDesk
from bot.chat.digests.desk import Rules
from bot.chat.floods import Floods
from bot.chat.forms import Form
from bot.chat.library import Library
from bot.intent import Intent
from bot.locales import Texts
from bot.model import post_key
from bot.ports import Index
from bot.running.syncing import index_path, synchronise
from bot.stores import Stores
from bot.view import Action, Block, Button, Buttons, Effect, Item, View
from storage.index.reader import IndexReader, open_reader
from storage.state.codes import StoredCodes
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.blog import Blog, Fold, Quote, raw_post
from tests.chat.desk import Clock, Desk, Town
from tests.conftest import settings_of
from tests.limits import ROOMY

SITE = "https://blog.example/"
NOW = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture(scope="package")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a year with two posts about one discussion, and a tag in two spellings."""
    directory: Path = tmp_path_factory.mktemp("chat")
    blog = Blog(directory / "blog")
    for number in range(14):
        blog.post(
            f"gpu_{number:02}",
            raw_post(
                f"GPUの話 その{number}",
                [f"{number}番目の意見", Fold(["畳まれた"])],
                tags=["GPU", "Hacker News" if number % 2 else "HackerNews"],
                date=f"2025-06-{number + 1:02}T00:00:00",
                item=100 + number,
            ),
        )
    blog.post(
        "mention",
        raw_post("別の話", ["GPUも速い", "ＧＰＵの値段"], tags=["経済"], date="2025-05-02", item=7),
    )
    blog.post("again_1", raw_post("同じ議論", ["one"], tags=["AI"], date="2024-01-05", item=55))
    blog.post("again_2", raw_post("同じ議論2", ["two"], tags=["AI"], date="2024-01-06", item=55))
    blog.post("draft", raw_post("下書き", ["GPU"], date="2025-07-01", item=56, draft=True))
    blog.post("long", _long_post(), month="2023_01")
    settings = settings_of(blog.root, directory / "data")
    asyncio.run(synchronise(settings))
    return index_path(settings)


def _long_post() -> str:
    """A post with three parts: two comments, a fold of forty, a fold with a very long one."""
    return raw_post(
        "長い議論の記事",
        [
            Quote("メモリ帯域が足りない。だから<code>は遅い。<br>＞ 本当に？<br>本当だ。", "alice"),
            Quote("", "nobody_wrote"),
            Fold([f"{n}人目の短い意見です。" * 3 for n in range(40)]),
            Fold(["とても長い話。" * 1300, "終わり"], summary="もっとコメントを表示（2）"),
        ],
        tags=["長文"],
        date="2023-01-05",
        item=77,
    )


@pytest.fixture
async def reader(archive: Path) -> AsyncIterator[IndexReader]:
    async with open_reader(archive) as opened:
        yield opened


@dataclass(slots=True)
class Conversation:
    """Somebody who asks a chat and presses its buttons."""

    chat: Chat
    codes: Codes
    context: Context
    reply: Reply | None = field(default=None)

    def framed(self, **changes: object) -> None:
        """Change what answers have to fit into from now on."""
        frame = replace(self.context.frame, **changes)  # type: ignore[arg-type]
        self.context = replace(self.context, frame=frame)

    @property
    def view(self) -> View:
        """What was answered last."""
        assert self.reply is not None
        return self.reply.view

    async def ask(self, line: str) -> View:
        """Type a line."""
        self.reply = await self.chat.typed(line, self.context)
        return self.reply.view

    async def press(self, label: str) -> View:
        """Press the first button of the last answer whose label begins so."""
        action = next(
            button.action
            for button in buttons_of(self.view)
            if button.label.startswith(label) and button.action is not None
        )
        return await self.act(action)

    async def act(self, action: Action) -> View:
        """Press a button with an action, by its code."""
        codes = await self.chat.codes_of([action])
        reply = await self.chat.pressed(codes[action], self.context)
        assert isinstance(reply, Reply), "it opens a form"
        self.reply = reply
        return reply.view

    async def form(self, intent: Intent) -> Form:
        """Press a button that opens a form."""
        action = Action(intent, Effect.FORM)
        codes = await self.chat.codes_of([action])
        form = await self.chat.pressed(codes[action], self.context)
        assert isinstance(form, Form)
        return form

    async def submit(self, form: Form, **values: str) -> View:
        """Fill in a form: fields by the names of their options, all others as they stand there."""
        filled = {field.key: values.get(field.spec.name, field.value) for field in form.fields}
        self.reply = await self.chat.submitted(form.code, filled, self.context)
        return self.reply.view

    async def open(self, intent: Intent) -> View:
        """Press a button that replaces the answer."""
        return await self.act(Action(intent, Effect.REPLACE))


def buttons_of(view: View) -> list[Button]:
    """Every button of a view."""
    found: list[Button] = []
    for block in view.blocks:
        match block:
            case Buttons(buttons):
                found += buttons
            case Item(button=Button() as button):
                found.append(button)
            case _:
                pass
    return found


def labels(view: View) -> list[str]:
    """What the rows of buttons say."""
    return [
        button.label
        for block in view.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
    ]


def of_kind(view: View, kind: type[Block]) -> list[Block]:
    """The blocks of a kind."""
    return [block for block in view.blocks if isinstance(block, kind)]


@pytest.fixture
async def codes(tmp_path: Path) -> AsyncIterator[Codes]:
    """Codes whose long ones are kept in a real state database."""
    async with open_state(tmp_path / "state.sqlite3") as state:
        yield Codes(StoredCodes(state))


def make_chat(index: Index, codes: Codes, seed: int = 1, floods: Floods | None = None) -> Chat:
    """A chat with a clock that stands still."""
    clocks = Clocks(lambda: NOW, lambda: 0.0)
    return Chat(Library(index, SITE, Random(seed)), codes, clocks, floods=floods)


FRAME = Frame(Texts("ja"), ROOMY)
CONTEXT = Context("test", "reader", "room", frame=FRAME, public=FRAME)


@pytest.fixture
def talk(reader: IndexReader, codes: Codes) -> Conversation:
    """A conversation in Japanese, where little limits the answers."""
    return Conversation(make_chat(reader, codes), codes, replace(CONTEXT))


# 21:00 in Tokyo, a Saturday.
SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
# What came to the archive an hour ago; all else was there before.
NEW = frozenset(map(post_key, ("gpu_12", "gpu_13", "mention")))


@pytest.fixture
async def desk(reader: IndexReader, tmp_path: Path) -> AsyncIterator[Desk]:
    """Mia, who manages the channels C1 and C2 of the server G1; C9 is managed by Zoe."""

    async def nowhere(text: str) -> None:
        pass

    texts, clock = Texts("ja"), Clock(SATURDAY)
    screen = Screen(nowhere, Paper, texts, ZoneInfo("Asia/Tokyo"))
    managers = {"C1": {"mia"}, "C2": {"mia"}, "C9": {"zoe"}}
    town = Town(screen, texts, clock, managers=managers)
    library = Library(reader, SITE, Random(1))
    async with open_state(tmp_path / "digests.sqlite3") as state:
        stores = stores_of(state)

        async def get_stores() -> Stores:
            return stores

        versions = dict(await reader.versions())
        before = {key: version for key, version in versions.items() if key not in NEW}
        revision = await reader.revision()
        await stores.seen.observe(before, revision - 1, SATURDAY - timedelta(days=20))
        await stores.seen.observe(versions, revision, SATURDAY - timedelta(hours=1))
        codes = Codes(stores.codes)
        rules = Rules("Asia/Tokyo", most=5)
        clocks = Clocks(clock, lambda: 0.0)
        answering = AnsweringDesk(library, {NAME: town}, get_stores, clock, rules)
        patient = Floods(requests=10_000)
        chat = Chat(library, codes, clocks, patient, desk=answering)
        context = replace(CONTEXT, platform=NAME, person="mia", target="C1", workspace="G1")
        yield Desk(Conversation(chat, codes, context), town, stores, clock)


@pytest.fixture
def forms(desk: Desk) -> Desk:
    """Mia, where a form has room for everything."""
    desk.talk.framed(limits=replace(ROOMY, form_fields=20))
    return desk
