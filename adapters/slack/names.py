"""How places, messages and persons of Slack are named: with the workspace whose token is needed.

    target     WORKSPACE/CHANNEL or WORKSPACE/CHANNEL/in-THREAD, a thread by its first message
    reference  WORKSPACE/CHANNEL/MESSAGE or WORKSPACE/CHANNEL/MESSAGE/THREAD
    person     WORKSPACE/USER

A thread is not named like the message that it hangs on: the outbox knows both by their names. A
workspace is that of an installation: a team's id, or an organisation's that installed it for all of
its teams.
"""

import re
from typing import NamedTuple

from bot.errors import TargetGone

NAME = "slack"

_ID = r"[A-Z][A-Z0-9]{1,30}"
_TS = r"[0-9]{1,12}\.[0-9]{1,6}"
_PERSON = re.compile(f"({_ID})/({_ID})")
_TARGET = re.compile(f"({_ID})/({_ID})(?:/in-({_TS}))?")
_REFERENCE = re.compile(f"({_ID})/({_ID})/({_TS})(?:/({_TS}))?")


class Person(NamedTuple):
    """Somebody in a workspace."""

    workspace: str
    user: str

    def __str__(self) -> str:
        return f"{self.workspace}/{self.user}"


class Target(NamedTuple):
    """A channel, direct messages, or a thread in there."""

    workspace: str
    channel: str
    thread: str | None = None

    def __str__(self) -> str:
        channel = f"{self.workspace}/{self.channel}"
        return channel if self.thread is None else f"{channel}/in-{self.thread}"

    def message(self, ts: str) -> "Reference":
        """The reference of a message that is there."""
        return Reference(self.workspace, self.channel, ts, self.thread)


class Reference(NamedTuple):
    """A message; one that replies in a thread has that too."""

    workspace: str
    channel: str
    ts: str
    thread: str | None = None

    def __str__(self) -> str:
        return "/".join(filter(None, self))

    @property
    def replies(self) -> Target:
        """The thread under it; replies to a reply are in the same thread."""
        return Target(self.workspace, self.channel, self.thread or self.ts)


def person_of(name: str) -> Person:
    """A person by their name. Raises TargetGone for what is none."""
    return Person(*_parts(_PERSON, name))


def target_of(name: str) -> Target:
    """A place by its name. Raises TargetGone for what is none."""
    return Target(*_parts(_TARGET, name))


def reference_of(name: str) -> Reference:
    """A message by its name. Raises TargetGone for what is none."""
    return Reference(*_parts(_REFERENCE, name))


def _parts(pattern: re.Pattern[str], name: str) -> tuple[str, ...]:
    found = pattern.fullmatch(name)
    if found is None:
        raise TargetGone("delivery.gone", what=name[:60])
    return found.groups()
