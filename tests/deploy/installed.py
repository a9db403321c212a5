"""The installed program, run where it may write into its data only."""

import asyncio
import os
import subprocess
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.commands import SECONDS, Done
from tests.deploy.files import ROOT

SAMPLE = ROOT / "examples" / "archive"


@dataclass(frozen=True, slots=True)
class Installed:
    """The program of an environment, and its directories: data, home, tmp."""

    prefix: Path
    directory: Path

    @property
    def data(self) -> Path:
        """Where it may write."""
        return self.directory / "data"

    @property
    def command(self) -> str:
        """The program."""
        return str(self.prefix / "bin" / "matome")

    def environment(self, settings: Mapping[str, str] | None = None) -> dict[str, str]:
        """What it knows: the settings, and nothing of this checkout."""
        return {
            "PATH": f"{self.prefix / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MATOME_DATA": str(self.data),
            "MATOME_ARCHIVE": str(SAMPLE),
            **(settings or {}),
        }

    def __call__(self, *arguments: str, settings: Mapping[str, str] | None = None) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            [self.command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.data,
            env=self.environment(settings),
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @asynccontextmanager
    async def running(self, settings: Mapping[str, str]) -> AsyncIterator[Process]:
        """The bot, which is killed in the end if it has not ended by itself."""
        process = await asyncio.create_subprocess_exec(
            self.command,
            "run",
            cwd=self.data,
            env=self.environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def fresh(prefix: Path, directory: Path) -> Installed:
    """The program of an environment with empty directories in one that is there."""
    for name in ("data", "home", "tmp"):
        (directory / name).mkdir(parents=True)
    return Installed(prefix, directory)
