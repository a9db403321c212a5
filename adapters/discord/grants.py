"""To whom a server's owner has given a command, as set in "Integrations" of its settings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class GrantKind(Enum):
    """What a grant is for, by the platform's numbers."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, person or channel for which a command was allowed or not."""

    id: int
    kind: GrantKind
    allowed: bool


def grants_of(
    answer: Iterable[Mapping[str, Any]], command: int, application: int
) -> Sequence[Grant]:
    """The grants of a command: its own, else those of the whole application."""
    by_id = {int(each["id"]): each["permissions"] for each in answer}
    return [
        Grant(int(each["id"]), GrantKind(each["type"]), bool(each["permission"]))
        for each in by_id.get(command, by_id.get(application, ()))
    ]


def granted(
    grants: Iterable[Grant], guild: int, channel: int, person: int, roles: Collection[int]
) -> bool | None:
    """Whether somebody may use a command in a channel; None where their rights decide.

    As Discord decides it: a channel first, then the person, then their roles, of which one that
    may is enough, then everyone. "All channels" has the server's id less one, everyone that id.
    """
    by_kind: dict[GrantKind, dict[int, bool]] = {kind: {} for kind in GrantKind}
    for grant in grants:
        by_kind[grant.kind][grant.id] = grant.allowed
    channels, given = by_kind[GrantKind.CHANNEL], by_kind[GrantKind.ROLE]
    if not channels.get(channel, channels.get(guild - 1, True)):
        return False
    if person in by_kind[GrantKind.USER]:
        return by_kind[GrantKind.USER][person]
    theirs = [given[role] for role in roles if role in given and role != guild]
    return any(theirs) if theirs else given.get(guild)
