"""Fake platforms over HTTP, a process of their own that imports nothing of ours.

A world is one platform: "deduplicating" gives back the earlier message where a key comes again soon
enough, and cannot be searched; "searchable" takes everything, and can only be searched for a key.
Each keeps a journal on disk of what it took. Run as a script it prints its port.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

# How long a key is remembered where messages are de-duplicated, in seconds.
MEMORY = 300.0


class World:
    """One platform with its journal; `knobs` say what goes wrong, each with a probability."""

    def __init__(self, kind: str, journal: str, knobs: dict[str, Any]) -> None:
        self.kind = kind
        self.knobs = knobs
        self.random = Random(knobs.get("seed", 0))
        self.journal = Path(journal).open("a", encoding="utf-8")  # noqa: SIM115 (until the end)
        self.messages: dict[str, dict[str, Any]] = {}
        self.keys: dict[tuple[str, str], list[str]] = {}
        self.threads: dict[str, str] = {}
        self.times: list[float] = []
        self.posted_at: dict[str, float] = {}
        self.stats: dict[str, Any] = {
            "closest_in_a_channel": None,
            "faults": {},
        }

    def most_in_a_second(self) -> int:
        """The most requests that any second has had, by the times at which they came."""
        times = sorted(self.times)
        first = most = 0
        for last, at in enumerate(times):
            while times[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most

    def note(self, **record: Any) -> None:
        """Write a line of the journal that outlives this process."""
        self.journal.write(json.dumps(record, ensure_ascii=False) + "\n")
        self.journal.flush()

    def post(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        target, key = body["target"], body["key"]
        self.check(target)
        if self.kind == "deduplicating":
            earlier = self.search(target, key, at - MEMORY)
            if earlier is not None:
                return {"reference": earlier}
        reference = f"{target}/{len(self.messages)}"
        self.messages[reference] = {"target": target, "key": key, "at": at, "text": body["text"]}
        self.keys.setdefault((target, key), []).append(reference)
        if target in self.posted_at:
            gap, closest = at - self.posted_at[target], self.stats["closest_in_a_channel"]
            self.stats["closest_in_a_channel"] = gap if closest is None else min(gap, closest)
        self.posted_at[target] = at
        self.note(did="post", at=at, target=target, key=key, reference=reference, text=body["text"])
        return {"reference": reference}

    def edit(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        self.known(body["reference"])["text"] = body["text"]
        self.note(did="edit", at=at, reference=body["reference"], text=body["text"])
        return {}

    def thread(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        reference = body["reference"]
        self.known(reference)
        if reference not in self.threads:
            self.threads[reference] = f"thread:{reference}"
            self.note(did="thread", at=at, reference=reference, title=body["title"])
        return {"target": self.threads[reference]}

    def publish(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        if not self.known(body["reference"]).get("published"):
            self.known(body["reference"])["published"] = True
            self.note(did="publish", at=at, reference=body["reference"])
        return {}

    def find(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        if self.kind == "deduplicating":
            return {"reference": None}
        if self.knobs.get("unreadable"):
            raise web.HTTPForbidden(text=json.dumps({"missing": ["READ_MESSAGE_HISTORY"]}))
        return {"reference": self.search(body["target"], body["key"], body["since"])}

    def open_dm(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        self.check(body["person"])
        return {"target": f"dm:{body['person']}"}

    def search(self, target: str, key: str, since: float) -> str | None:
        for reference in self.keys.get((target, key), ()):
            if self.messages[reference]["at"] >= since:
                return reference
        return None

    def known(self, reference: str) -> dict[str, Any]:
        if reference not in self.messages:
            raise web.HTTPNotFound
        self.check(self.messages[reference]["target"])
        return self.messages[reference]

    def check(self, target: str) -> None:
        if target in self.knobs.get("gone", ()):
            raise web.HTTPNotFound
        if target in self.knobs.get("forbidden", ()):
            raise web.HTTPForbidden(text=json.dumps({"missing": ["SEND_MESSAGES"]}))

    def rolls(self, fault: str) -> bool:
        """Whether a fault strikes now."""
        strikes: bool = self.random.random() < self.knobs.get(fault, 0.0)
        if strikes:
            self.stats["faults"][fault] = self.stats["faults"].get(fault, 0) + 1
        return strikes


class Server:
    """All worlds on one port."""

    def __init__(self) -> None:
        self.worlds: list[World] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/worlds", self.create)
        app.router.add_get("/{world}/stats", self.stats)
        app.router.add_post("/{world}/knobs", self.knobs)
        app.router.add_post("/{world}/{what}", self.ask)
        return app

    async def create(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.worlds.append(World(body["kind"], body["journal"], body["knobs"]))
        return web.json_response(len(self.worlds) - 1)

    async def stats(self, request: web.Request) -> web.Response:
        world = self.world(request)
        counted = {"requests": len(world.times), "most_in_a_second": world.most_in_a_second()}
        return web.json_response(world.stats | counted)

    async def knobs(self, request: web.Request) -> web.Response:
        self.world(request).knobs.update(await request.json())
        return web.json_response({})

    def world(self, request: web.Request) -> World:
        return self.worlds[int(request.match_info["world"])]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Take one request, with whatever goes wrong with it."""
        world, what = self.world(request), request.match_info["what"]
        body = await request.json()
        at = float(request.headers.get("X-Time", 0)) or time.time()
        world.times.append(at)
        die = request.headers.get("X-Die")
        if die == "sent":
            return killed(request)
        if world.rolls("limited"):
            return web.json_response({}, status=429, headers={"Retry-After": "0.1"})
        if world.rolls("failed"):
            return web.json_response({}, status=503)
        if world.rolls("reset"):
            return aborted(request)
        if what == "post" and world.rolls("late"):
            # The connection is lost, and the message on its way still.
            loop = asyncio.get_running_loop()
            loop.call_later(world.knobs["late_seconds"], world.post, at, body)
            return aborted(request)
        answer = getattr(world, what)(at, body)
        if die == "accepted":
            return killed(request)
        if world.rolls("lost"):
            return aborted(request)
        if world.rolls("failed_after"):
            return web.json_response({}, status=502)
        if world.rolls("slow"):
            await asyncio.sleep(world.random.uniform(0, world.knobs["slow_seconds"]))
        return web.json_response(answer)


def killed(request: web.Request) -> web.StreamResponse:
    """Kill who asked."""
    os.kill(int(request.headers["X-Pid"]), signal.SIGKILL)
    return aborted(request)


def aborted(request: web.Request) -> web.StreamResponse:
    """Reset the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def main() -> None:
    """Serve until stdin ends, which it does with the parent."""
    runner = web.AppRunner(Server().app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
