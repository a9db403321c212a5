"""`matome state move`: what it says, and that no password is on the command line."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from bot.address import Server
from tests.blog import Blog
from tests.cli.test_backup import add, history
from tests.cli.test_second_run import run
from tests.commands import Matome
from tests.postgres import Cluster
from tests.state.samples import MADE

ROWS = "(daily digests: 1, rows: 3)"


@pytest.fixture
def state(matome: Matome, small_blog: Blog) -> Path:
    """A state with a digest."""
    path = matome.data / "state.sqlite3"
    asyncio.run(add(path, MADE))
    return path


def digests(address: Path | Server) -> int:
    return len(asyncio.run(history(address))[0])


def test_a_state_is_moved_to_a_server_and_back(
    matome: Matome, state: Path, postgres_url: str
) -> None:
    done = matome("state", "move", str(state), postgres_url)
    assert (done.status, done.err) == (0, "")
    shown = Server(postgres_url)
    assert done.out.splitlines()[0].startswith(f"Moved {state} to {shown} {ROWS}.")
    assert f"The old file is kept as {state}.moved-1." in done.out
    assert f"set MATOME_STATE_URL to {shown}" in done.out
    assert digests(Server(postgres_url)) == 1
    assert not state.exists()
    on_server = {"MATOME_STATE_URL": postgres_url}
    back = matome("state", "move", "env:MATOME_STATE_URL", str(state), env=on_server)
    assert (back.status, back.err) == (0, "")
    assert "take MATOME_STATE_URL out of the settings" in back.out
    assert digests(state) == 1
    # Whoever goes on with the old one is told where it has gone.
    refused = matome("digest", "list", env=on_server)
    assert refused.status == 1
    assert "has been moved" in refused.err


def test_a_setting_of_the_file_names_it_too(matome: Matome, state: Path) -> None:
    (matome.cwd / ".env").write_text(f"ELSEWHERE=sqlite:///{matome.cwd / 'other'}\n")
    done = matome("state", "move", str(state), "env:ELSEWHERE")
    assert (done.status, done.err) == (0, "")
    assert f"set MATOME_STATE_URL to sqlite:///{matome.cwd / 'other'}" in done.out
    assert digests(matome.cwd / "other") == 1


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://matome:s3cret@db.example/matome",
        "postgresql://matome@db.example/matome?password=s3cret",
        "postgresql://matome:s3cret@[bad/matome",
        "mysql://matome:s3cret@db.example/matome",
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(
    matome: Matome, state: Path, address: str
) -> None:
    done = matome("state", "move", str(state), address)
    assert (done.status, done.out) == (2, "")
    assert "s3cret" not in done.err
    assert state.exists()


def test_the_password_comes_from_where_no_process_list_shows_it(
    matome: Matome, state: Path, postgres: Cluster, postgres_url: str
) -> None:
    database = postgres_url.partition("?")[0].rpartition("/")[2]
    asyncio.run(make_guarded(postgres, database))
    guarded = postgres.url(database, "guarded")
    wrong = matome("state", "move", str(state), guarded, env={"PGPASSWORD": "wrong"})
    assert wrong.status == 1
    done = matome("state", "move", str(state), guarded, env={"PGPASSWORD": "s3cret"})
    assert (done.status, done.err) == (0, "")


async def make_guarded(postgres: Cluster, database: str) -> None:
    """Let a user with a password own a database."""
    connection = await asyncpg.connect(postgres.url(database))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = 'guarded'"):
            await connection.execute("CREATE ROLE guarded LOGIN")
        await connection.execute("ALTER ROLE guarded PASSWORD 's3cret'")
        await connection.execute(f"ALTER DATABASE {database} OWNER TO guarded")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("target", "told"),
    [("env:NOTHING", "no setting NOTHING"), ("mysql://db.example/matome", "mysql://…")],
)
def test_what_is_no_address_is_told(matome: Matome, state: Path, target: str, told: str) -> None:
    done = matome("state", "move", str(state), target)
    assert (done.status, done.out) == (2, "")
    assert told in done.err


def test_a_bot_that_runs_is_not_moved(matome: Matome, state: Path) -> None:
    other = matome.cwd / "other"
    with run(matome) as process:
        refused = matome("state", "move", str(state), str(other))
        assert (refused.status, refused.out) == (1, "")
        assert f"process {process.pid}" in refused.err
    assert digests(state) == 1
    with run(matome):
        # Nor to where one runs.
        refused = matome("state", "move", str(copy_of(state, other)), str(state))
    assert (refused.status, refused.out) == (1, "")
    assert "in use" in refused.err


def copy_of(state: Path, other: Path) -> Path:
    return Path(shutil.copy(state, other))
