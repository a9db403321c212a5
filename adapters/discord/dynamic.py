"""What can be pressed on a message of ours: it works after a restart, since its code says it all.

Views have nothing else that can be pressed: a view with other items would take these out of the
library's table when it ends.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, Self, runtime_checkable

import discord
from discord import ui

# A button's custom id is a code, with a number where a message has more of them; a choice has the
# codes of its options, and a number of its own.
BUTTON = re.compile(r"(?s:[0-9a-z].+~[A-Za-z0-9_-]{6})(?:~[0-9]{1,3})?")
CHOICE = re.compile(r"choice:[0-9]{1,3}")
# A code ends with six signs behind its own "~".
_NUMBER = re.compile(r"~[0-9]{1,3}\Z")


@runtime_checkable
class Pressable(Protocol):
    """A client that answers presses; it raises nothing."""

    async def pressed(self, interaction: discord.Interaction[Any], code: str) -> None:
        """Answer the press of what has a code."""
        ...


def is_known(custom_id: str) -> bool:
    """Whether something of ours answers to an id."""
    return any(pattern.fullmatch(custom_id) for pattern in (BUTTON, CHOICE))


def is_answered(interaction: discord.Interaction[Any]) -> bool:
    """Whether what was pressed is on its message, so that the library finds who answers.

    A message may have been changed in the moment before.
    """
    custom_id, message = interaction.custom_id or "", interaction.message
    if not is_known(custom_id) or message is None:
        return False
    return any(
        getattr(each, "custom_id", None) == custom_id for each in _within(message.components)
    )


def _within(components: Iterable[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _within(getattr(component, "children", ()))
        accessory = getattr(component, "accessory", None)
        if accessory is not None:
            yield accessory


def code_of(interaction: discord.Interaction[Any]) -> str:
    """The code of what was pressed or chosen."""
    data: Any = interaction.data or {}
    chosen = data.get("values") or [interaction.custom_id or ""]
    return _NUMBER.sub("", str(chosen[0]))


class CodeButton(ui.DynamicItem["ui.Button[Any]"], template=BUTTON):
    """A button with a code."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        assert isinstance(item, ui.Button)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the press."""
        assert isinstance(interaction.client, Pressable)
        await interaction.client.pressed(interaction, code_of(interaction))


class CodeChoice(ui.DynamicItem["ui.Select[Any]"], template=CHOICE):
    """A choice whose options have codes."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The choice that was made use of."""
        assert isinstance(item, ui.Select)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer what was chosen."""
        assert isinstance(interaction.client, Pressable)
        await interaction.client.pressed(interaction, code_of(interaction))
