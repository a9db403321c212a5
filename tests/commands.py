"""Running the program as its users do: a process of its own, with settings in the environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "bot")

# A command that hangs is a failure, not a long wait.
SECONDS = 60


# discord.py's own import of audioop warns on 3.11.
WARNINGS = "error,ignore:'audioop' is deprecated:DeprecationWarning:discord.player"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        """The results."""
        return self.stdout.decode()

    @property
    def err(self) -> str:
        """Everything else."""
        return self.stderr.decode()


@dataclass(frozen=True, slots=True)
class Matome:
    """The program with an archive, and directories of its own."""

    archive: str
    data: Path
    cwd: Path
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def index(self) -> Path:
        """The index file."""
        return self.data / "index.sqlite3"

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a run: nothing of ours but what is said here."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MATOME_", "DISCORD_", "SLACK_", "LC_", "LANG", "NO_COLOR"))
        }
        ours = {"MATOME_ARCHIVE": self.archive, "MATOME_DATA": str(self.data), "LANG": "C.UTF-8"}
        python = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": WARNINGS}
        return {**kept, **python, **ours, **dict(self.settings), **(more or {})}

    def __call__(
        self, *arguments: str | bytes, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.cwd,
            env=self.environment(env),
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and go on."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.cwd,
            env=self.environment(),
        )
