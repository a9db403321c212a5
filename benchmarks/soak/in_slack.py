"""What people do in Slack, and what has to be there in the end."""

import asyncio
from collections.abc import Mapping
from random import Random

from benchmarks.slack_people import leading_on, whole_answer
from benchmarks.soak.using import Beat, Visit
from benchmarks.soak.wanted import Due, Wanted, soon
from tests.slack.server import NoAnswer, Player, Seen, Shortcut, Slack
from tests.slack.server.world import Channel, Message

ROOMS = 60
# For what is shown in the end, and for the bot to come, in seconds.
SECONDS, CONNECTED_WITHIN = 30.0, 120.0
_READ_ALL = "まとめて読む"
_ADDED = "配信を設定しました"


class InSlack:
    """People in a workspace; each does one thing, in a room where nobody else is meanwhile."""

    def __init__(self, slack: Slack, wanted: Wanted, beat: Beat, random: Random) -> None:
        # What people do is not limited by how often the bot may say something.
        slack.rates.workspace = 1_000_000
        slack.rates.tiers.clear()
        slack.app.shortcuts = (Shortcut("検索", "search", False),)
        self._slack = slack
        self._wanted = wanted
        self._beat = beat
        self._random = random
        self._team = slack.add_team("readers")
        self._token = slack.install(self._team)
        self._owner = slack.add_user(self._team, "owner", owner=True)
        self._rooms: asyncio.Queue[Channel] = asyncio.Queue()
        for number in range(ROOMS):
            self._rooms.put_nowait(slack.add_channel(self._team, f"room-{number}"))
        self._digests: Due[Channel] = Due()
        self._came = 0

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads the bot there."""
        return {
            "SLACK_BOT_TOKEN": self._token.value,
            "SLACK_APP_TOKEN": self._slack.app_token.value,
            "SLACK_API_URL": self._slack.api_url,
        }

    @property
    def visits(self) -> Mapping[str, Visit]:
        """What they come for."""
        return {
            "search": Visit(self._search, 6),
            "complete": Visit(self._complete, 1),
            "direct message": Visit(self._direct, 3),
            "mention": Visit(self._mention, 1),
            "home": Visit(self._home, 1),
            "dialog": Visit(self._dialog, 1),
            "share and unfold": Visit(self._unfold, 0.5),
            "digests": Visit(self._manage, 1),
            "read a digest": Visit(self._read, 1),
            "subscribe": Visit(self._subscribe, 0.15),
        }

    async def ready(self) -> None:
        """Wait until the bot is there."""
        await self._slack.connected(seconds=CONNECTED_WITHIN)

    def complaints(self) -> list[str]:
        """All that should not have been asked, and digests that have not come."""
        missing = [room for room in self._digests.rooms() if not self._said(room)]
        return [
            *self._slack.complaints,
            *(f"no digest in {room.name} of Slack" for room in missing),
        ]

    def digests(self) -> int:
        """How many have come."""
        return sum(bool(self._said(room)) for room in self._digests.rooms())

    async def _search(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room)
            await self._look_on(person, await self._asked(person, self._wanted.query()), 2)
        finally:
            self._rooms.put_nowait(room)

    async def _complete(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room)
            await self._beat("command")
            await person.types("/matome digest", waits=False)
            dialog = await self._dialog_of(person)
            await self._beat("completion")
            await person.loads(dialog, self._wanted.query()[:3], "タグ")
            await person.closes(dialog)
        finally:
            self._rooms.put_nowait(room)

    async def _dialog_of(self, person: Player) -> Seen:
        stacks, user = self._slack.stacks, person.user.id

        def there() -> bool:
            return bool(stacks.get(user)) and "submit" in stacks[user][-1].body

        if not await self._slack.changes.until(there, SECONDS):
            raise NoAnswer("no dialog")
        return Seen(view=stacks[user][-1])

    async def _direct(self) -> None:
        person = self._somebody().dm
        await self._beat("message")
        await self._look_on(person, await person.says(self._wanted.query()), 1)

    async def _mention(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room)
            await self._beat("message")
            await person.mentions(self._wanted.query())
        finally:
            self._rooms.put_nowait(room)

    async def _home(self) -> None:
        person = self._somebody().dm
        await self._beat("home")
        await person.opens_home()

    async def _dialog(self) -> None:
        person = self._somebody().dm
        await self._beat("shortcut")
        seen = await person.shortcut("search")
        view = seen.dialog
        # Where it takes long, words stand for it at first.
        if not await self._slack.changes.until(lambda: "submit" in view.body, SECONDS):
            raise NoAnswer("no dialog")
        await self._beat("submission")
        await person.submits(seen, {"検索": self._wanted.query()})

    async def _unfold(self) -> None:
        room = await self._rooms.get()
        try:
            person = self._somebody(room)
            seen = await self._asked(person, self._wanted.link())
            before = len(self._said(room))
            await self._beat("press")
            await person.clicks(seen, "共有")
            there = await self._slack.changes.until(lambda: len(self._said(room)) > before, SECONDS)
            if not there:
                raise NoAnswer("nothing was shared")
            await self._beat("press")
            await person.clicks(self._said(room)[-1], "展開")
        finally:
            self._rooms.put_nowait(room)

    async def _manage(self) -> None:
        for room in self._digests.rooms()[-1:]:
            owner = self._slack.player(self._owner, room)
            for what in ("list", "preview", "status"):
                await self._beat("command")
                await owner.types(f"/matome digest {what}")

    async def _read(self) -> None:
        rooms = [room for room in self._digests.rooms() if self._said(room)]
        if rooms:
            room = self._random.choice(rooms)
            person = self._somebody(room)
            digest = Seen(self._said(room)[0])
            if _READ_ALL in digest.labels:
                await self._beat("press")
                await self._look_on(person, await person.clicks(digest, _READ_ALL), 2)

    async def _subscribe(self) -> None:
        room = self._slack.add_channel(self._team, f"digest-{len(self._digests.expected)}")
        # Who adds digests again and again is asked to wait, and would add none.
        self._came += 1
        owner = self._slack.add_user(self._team, f"owner-{self._came}", owner=True)
        room.members[owner.id] = owner
        time, due = soon()
        seen = await self._asked(self._slack.player(owner, room), f"digest add {time}")
        if _ADDED not in seen.text:
            raise NoAnswer(f"no subscription, but {seen.text!r}")
        self._digests.expect(room, due)

    async def _asked(self, person: Player, words: str) -> Seen:
        await self._beat("command")
        since = len(self._slack.sights)
        seen = await person.types(f"/matome {words}")
        # They may be told to wait.
        return seen if seen.blocks else await whole_answer(self._slack, seen, since)

    async def _look_on(self, person: Player, seen: Seen, presses: int) -> None:
        for _ in range(presses):
            pressed = [one for one in seen.labels if one in leading_on(seen)]
            if not pressed:
                return
            await self._beat("press")
            seen = await person.clicks(seen, self._random.choice(pressed))

    def _somebody(self, room: Channel | None = None) -> Player:
        self._came += 1
        person = self._slack.add_user(self._team, f"person-{self._came}")
        if room is None:
            return self._slack.player(person)
        room.members[person.id] = person
        return self._slack.player(person, room)

    def _said(self, room: Channel) -> list[Message]:
        """What the bot has said to all in a room, oldest first, outside of threads."""
        return [one for one in room.messages.values() if one.by_app and not one.thread_ts]
