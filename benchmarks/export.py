"""What `matome export` says about each post, beside what Hugo reads in it."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import hugo_site
from benchmarks.bench import MATOME, PROJECT, Bench
from benchmarks.figures import Figure, at_most
from benchmarks.processes import run

SHOWN = 20

_BREAK = re.compile(r"<br(?:\s[^<>]*)?/?>", re.IGNORECASE)

Record = dict[str, Any]


def measure(bench: Bench) -> Iterator[Figure]:
    """The number of differences in titles, tags, dates, drafts, folds and comments."""
    exported = run((*MATOME, "export"), bench.environment(bench.data), PROJECT).output
    ours = {}
    # Not splitlines(): a body may hold other characters that end a line for it.
    for line in filter(None, exported.split("\n")):
        post = json.loads(line)
        if not post["path"].endswith(".txt"):
            ours[post["path"]] = _of_export(post)
    hugo_site.build(bench)
    theirs = dict(map(_of_hugo, hugo_site.posts(bench)))
    found = list(differences(ours, theirs))
    comments = sum(len(post["comments"]) for post in theirs.values())
    yield Figure(
        "export against Hugo: differences",
        len(found),
        goal=at_most(0),
        note=f"{len(theirs)} posts with {comments} comments compared"
        + "".join(f"\n  {difference}" for difference in found[:SHOWN]),
        details={"differences": found},
    )


def differences(ours: Mapping[str, Record], theirs: Mapping[str, Record]) -> Iterator[str]:
    """What differs, one line each."""
    for path in sorted(ours.keys() | theirs.keys()):
        if path not in ours or path not in theirs:
            yield f"{path}: only in {'the export' if path in ours else 'Hugo'}"
            continue
        mine, other = ours[path], theirs[path]
        for key in ("title", "date", "tags", "draft", "folds"):
            if mine[key] != other[key]:
                yield f"{path}: {key}: {mine[key]!r}, Hugo {other[key]!r}"
        if len(mine["comments"]) != len(other["comments"]):
            counts = f"{len(mine['comments'])}, Hugo {len(other['comments'])}"
            yield f"{path}: number of comments: {counts}"
            continue
        pairs = zip(mine["comments"], other["comments"], strict=True)
        for number, (comment, expected) in enumerate(pairs, 1):
            for key, value in comment.items():
                if value != expected[key]:
                    yield f"{path}#{number}: {key}: {value!r}, Hugo {expected[key]!r}"


def _of_export(post: Record) -> Record:
    return {
        "title": post["title"],
        "date": post["date"],
        "tags": post["tags"],
        "draft": post["draft"],
        "folds": [section["summary"] for section in post["sections"][1:]],
        "comments": [
            {key: comment[key] for key in ("body", "user", "created_at", "colour")}
            | {"fold": comment["section"]}
            for comment in post["comments"]
        ],
    }


def _of_hugo(file: Path) -> tuple[str, Record]:
    post = json.loads(file.read_text("utf-8"))
    folds = sorted(post["folds"] or [], key=lambda fold: str(fold["place"]))
    numbers = {fold["place"]: number for number, fold in enumerate(folds, 1)}
    return f"content/{post['path']}", {
        "title": post["title"],
        "date": post["date"],
        "tags": list(dict.fromkeys(" ".join(str(tag).split()) for tag in post["tags"] or [])),
        "draft": post["draft"],
        "folds": [fold["summary"] or None for fold in folds],
        "comments": [
            {
                "body": _BREAK.sub("\n", comment["body"]),
                "user": comment["user"],
                "created_at": _moment(comment["created_at"]),
                "colour": comment["colour"].lower() or None,
                "fold": numbers.get(comment["fold"], 0),
            }
            for comment in post["comments"] or []
        ],
    }


def _moment(written: str) -> str | None:
    """A comment's time, in UTC, as ISO 8601."""
    for form in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(written, form).replace(tzinfo=UTC).isoformat()
        except ValueError:
            continue
    return written or None
