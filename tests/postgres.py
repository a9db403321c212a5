"""A PostgreSQL of the tests' own, from the system's programs; each test has a database in it.

It is started when a test first asks for `postgres_url`, and ends with the tests however these end.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import pytest

# Whose databases they are.
OWNER = "matome"
# Who the server runs as where the tests run as root, which it refuses.
WITHOUT_RIGHTS = ("postgres", "nobody")

SETTINGS = {
    # Nothing of it has to outlive the tests.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
}
# One user needs a password, all others none.
ACCESS = "local all guarded scram-sha-256\nlocal all all trust\n"

# Asks the kernel to be told of its parent's end, gives up its rights, becomes the program.
BECOME = """
import ctypes, os, pwd, signal, sys
user, parent, *command = sys.argv[1:]
if user:
    entry = pwd.getpwnam(user)
    os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
    if os.getppid() != int(parent):
        sys.exit("the tests have ended")
os.execv(command[0], command)
"""

_numbers = count(1)


@dataclass(slots=True)
class Cluster:
    """A server with its directory, which can be stopped and started again."""

    programs: Path
    directory: Path
    user: str
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of one of its databases; `user` may have a password after a colon."""
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def make(self) -> None:
        """Make its files."""
        given = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            self._as_user("initdb", "-D", f"{self._data}", *given),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.directory,
        )
        if made.returncode:
            raise RuntimeError(made.stdout)
        (self._data / "pg_hba.conf").write_text(ACCESS)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        settings = [word for item in self.settings.items() for word in ("-c", "=".join(item))]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._as_user(
                    "postgres", "-D", f"{self._data}", "-k", f"{self.directory}", *settings
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                # Ctrl-C is for the tests, which stop it then.
                start_new_session=True,
            )
        is_ready = [str(self.programs / "pg_isready"), "-q", "-h", str(self.directory)]
        while subprocess.run(is_ready, check=False).returncode:
            if self.process.poll() is not None:
                raise RuntimeError(self._log.read_text())

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Have it abort at once, so that its next start has to recover."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Let all its processes stand still, so that it takes connections and never answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for process in (self.process.pid, *map(int, children.split())):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _as_user(self, program: str, *arguments: str) -> list[str]:
        become = [sys.executable, "-c", BECOME, self.user, str(os.getpid())]
        return [*become, str(self.programs / program), *arguments]

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "log"


def find_programs() -> Path | None:
    """Where the system has PostgreSQL's programs, the newest ones."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    directories = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(directories, key=lambda path: float(path.parts[-3]))
    return newest[-1].parent if newest else None


def _somebody() -> str:
    """The user that the server runs as, empty for this one."""
    if os.geteuid() != 0:
        return ""
    users = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in WITHOUT_RIGHTS if name in users)


@contextmanager
def running_cluster(programs: Path, **changes: str) -> Iterator[Cluster]:
    """A server of its own with some other settings, until the block is left."""
    # A socket's path may have about 100 characters only.
    directory = Path(tempfile.mkdtemp(prefix="matome-pg-", dir="/tmp"))
    cluster = Cluster(programs, directory, _somebody(), {**SETTINGS, **changes})
    try:
        if cluster.user:
            shutil.chown(directory, cluster.user)
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server of all tests."""
    if (programs := find_programs()) is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and without it nothing is proven")
        pytest.skip("PostgreSQL's programs (initdb, postgres) are not installed")
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture
async def postgres_url(postgres: Cluster) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = f"test_{next(_numbers)}"
    await _run(postgres, f"CREATE DATABASE {name}")
    yield postgres.url(name)
    await _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def _run(cluster: Cluster, sql: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
