"""The key of a message from the outbox, carried in the ids of its components.

Discord gives ids by counting from 1 where there are none, and keeps what is given: 32-bit numbers,
each of them once in a message. Ours lie far above those that are counted.

Two of them at least: 56 bits, so that among the three hundred messages of a search another one is
taken for it with a chance of 2^-47 at most; one alone would make that 2^-19. Discord does not keep
the nonce of a message (discord.py #2451), else that would do.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from types import MappingProxyType
from typing import Any

# The highest bit says that an id is ours, the lowest two at which place it stands.
_OURS = 1 << 30
_PLACES = 4
_LEAST = 2
# A gap without a line, which ends a message that has nothing else to carry the rest of its key.
_GAP = MappingProxyType({"type": 14, "divider": False, "spacing": 1})

# A component as it is sent or received.
Component = dict[str, Any]


def ids_of(key: str) -> tuple[int, ...]:
    """The ids that the first components of a message have, by its key: 28 bits of it in each."""
    digest = blake2b(key.encode(), digest_size=4 * _PLACES).digest()
    words = (int.from_bytes(digest[4 * place : 4 * place + 4]) for place in range(_PLACES))
    return tuple(_OURS | word & (_OURS - 4) | place for place, word in enumerate(words))


def with_ids(components: Sequence[Component], ids: Sequence[int]) -> list[Component]:
    """Components of which the first ones have these ids; there are two of them at least."""
    given = iter(ids)
    made = [_with_ids(component, given) for component in components]
    if ids and len(list(_walk(made))) < _LEAST:
        made.append(_with_ids(dict(_GAP), given))
    return made


def carried(components: Iterable[Component]) -> tuple[int, ...]:
    """The ids of ours that a message has at its beginning; empty where it is not of the outbox."""
    found = (component.get("id") for component in _walk(components))
    return tuple(each for each in islice(found, _PLACES) if each is not None and each >= _OURS)


def carries(components: Iterable[Component], key: str) -> bool:
    """Whether a message has a key."""
    ids = carried(components)
    return len(ids) >= _LEAST and ids == ids_of(key)[: len(ids)]


def _with_ids(component: Component, given: Iterator[int]) -> Component:
    changed = dict(component)
    own = next(given, None)
    if own is not None:
        changed["id"] = own
    if "components" in component:
        changed["components"] = [_with_ids(inner, given) for inner in component["components"]]
    if "accessory" in component:
        changed["accessory"] = _with_ids(component["accessory"], given)
    return changed


def _walk(components: Iterable[Component]) -> Iterator[Component]:
    """All components in the order in which they get their ids."""
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]
