"""What is told of each try to send a row, and since when a row is late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest.measuring import KINDS, OUTCOMES, measure
from bot.intent import ShowDigest
from bot.outbox import Claim, Op, Outcome, Result, Row
from tests.watch.told import NOW, Heard

MINUTE = timedelta(minutes=1)

DIGEST = Row(
    id=1,
    key="k",
    platform="slack",
    op=Op.POST,
    said=ShowDigest("2026-11-21", 1),
    language="ja",
    target="T1/C1",
    message=None,
    posts=(),
    subscription="s1",
    due_at=NOW - 5 * MINUTE,
    created_at=NOW - 4 * MINUTE,
    # It was tried before, and asked to wait.
    ready_at=NOW - MINUTE,
    deadline=NOW + 60 * MINUTE,
    tries=1,
)


def told(row: Row, **result: object) -> tuple[str, str, str, float | None]:
    """What is told of a row that ended in a way."""
    heard = Heard()
    measure(Result(Claim(row, NOW, NOW), **result), NOW, heard)  # type: ignore[arg-type]
    (found,) = heard.told
    return found


def test_a_digest_is_late_since_it_was_due() -> None:
    assert told(DIGEST, outcome=Outcome.DONE) == ("slack", "digest", "done", 300.0)


@pytest.mark.parametrize("op", Op)
def test_all_else_is_late_since_it_was_written(op: Op) -> None:
    row = replace(DIGEST, op=op, subscription=None, due_at=None)
    assert told(row, outcome=Outcome.DONE) == ("slack", op.value, "done", 240.0)


def test_what_was_not_sent_is_not_late() -> None:
    assert told(DIGEST, outcome=Outcome.MISSED) == ("slack", "digest", "missed", None)
    assert told(DIGEST, again_at=NOW) == ("slack", "digest", "again", None)
    assert told(DIGEST, again_at=NOW, untried=True) == ("slack", "digest", "put_off", None)


def test_the_names_are_known_beforehand() -> None:
    for op in Op:
        for outcome in (*Outcome, None):
            _, kind, how, _ = told(replace(DIGEST, op=op), outcome=outcome)
            assert kind in KINDS
            assert how in OUTCOMES
