"""Other processes that use the state."""

import subprocess
import sys
from pathlib import Path

# Opened as soon as a line is read, with everything imported before, so that several collide.
OPEN = """
import asyncio, sys
from pathlib import Path
import storage.state.migrations
from storage.state.database import open_state

async def main():
    async with open_state(Path(sys.argv[1])):
        pass

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""

# The same for a state of an older version, which one of several brings up to date.
UPGRADE = """
import asyncio, sys
from pathlib import Path
import storage.state.upgrading
from bot.address import Server
from storage.state.database import open_state

async def main():
    where, backups = sys.argv[1:]
    address = Server(where) if where.startswith("postgresql:") else Path(where)
    async with open_state(address, Path(backups)):
        pass

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""

# A replica of this version: for each line that it reads, some of all that a running bot does.
REPLICA = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from bot.address import Server
from bot.errors import StateError
from storage.state.database import open_state
from storage.state.outbox import StoredOutbox
from storage.state.stores import stores_of
from tests.delivery.rows import PACE, claimed, done, row

async def work(stores, number):
    now = datetime(2026, 3, 3, tzinfo=UTC) + timedelta(minutes=number)
    await stores.outbox.put([row(f"of the replica {number}", ready_at=now)], now)
    claims = await claimed(stores.outbox, now)
    await stores.outbox.settle([done(claim) for claim in claims], now)
    await stores.codes.keep({f"code {number}": "x"}, now + timedelta(days=1))
    await stores.subscriptions.every()
    await stores.digests.next_due(["discord"])
    await stores.hidden.all()
    await stores.handled.take(f"event {number}", now + timedelta(days=1))
    await stores.upkeep.forget_expired(now, timedelta(days=365))
    return sorted(claim.row.key for claim in claims)

async def main():
    async with open_state(Server(sys.argv[1])) as state:
        stores = stores_of(state)
        print("open", flush=True)
        number = 0
        while await asyncio.to_thread(sys.stdin.readline):
            number += 1
            try:
                print(*await work(stores, number), sep=", ", flush=True)
            except StateError as error:
                print(error, flush=True)

asyncio.run(main())
"""

# A move that stands still where a step of it begins.
MOVE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.address import Server
from bot.stores import Runner
from storage.state import moving

def address(text):
    return Server(text) if text.startswith("postgresql:") else Path(text)

source, target, step = sys.argv[1:]

def stand_still(*arguments):
    print(step, flush=True)
    sys.stdin.read()

setattr(moving, step, stand_still)
now = datetime(2026, 11, 21, tzinfo=UTC)
runner = Runner("matome state move", "there", 1, now)
asyncio.run(moving.move(address(source), address(target), runner, lambda: now))
print("done", flush=True)
"""

# Ten rows in each transaction, whose number is printed when it is done.
KEEP = """
import asyncio, itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from storage.state.codes import StoredCodes
from storage.state.database import open_state

async def main():
    async with open_state(Path(sys.argv[1])) as state:
        codes = StoredCodes(state)
        for number in itertools.count():
            rows = {f"{number}-{n}": "x" * 1000 for n in range(10)}
            await codes.keep(rows, datetime(2030, 1, 1, tzinfo=UTC))
            print(number, flush=True)

asyncio.run(main())
"""

# A backup of a state, told when it is done.
BACK_UP = """
import asyncio, sys
from pathlib import Path
from storage.state.backup import back_up

asyncio.run(back_up(Path(sys.argv[1]), Path(sys.argv[2])))
print("done", flush=True)
"""

# Stands still when all is copied and nothing is committed.
RESTORE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.address import Server
from storage.state.restoring import restore

def missed(subscription, now):
    print("in the middle", flush=True)
    sys.stdin.read()

where, file = sys.argv[1:]
address = Server(where) if where.startswith("postgresql:") else Path(where)
asyncio.run(restore(address, Path(file), datetime(2030, 1, 1, tzinfo=UTC), missed, replace=True))
"""


def start(code: str, *arguments: Path | str) -> "subprocess.Popen[str]":
    """Start Python on some code, with pipes to it and from it."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
