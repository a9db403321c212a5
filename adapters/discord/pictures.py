"""Pictures of the archive as files that go with a message."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType
from typing import Any

import discord
from discord.http import MultipartParameters

from bot.ports import Pictures
from bot.view import Heading, Image, View

# What one message takes: so many files, and of a bot's ten MiB as much as leaves room for the rest.
_MOST_FILES, _MOST_BYTES = 10, 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture that goes with a message, under a name that says nothing of where it lies."""

    name: str
    data: bytes = field(repr=False)

    @property
    def address(self) -> str:
        """What stands for it within the message."""
        return f"attachment://{self.name}"


# The pictures of a message by their paths in the archive.
Attachments = Mapping[str, Attached]
NO_FILES: Attachments = MappingProxyType({})


async def attached(view: View, pictures: Pictures) -> Attachments:
    """The pictures of a view that are there now, as many as one message takes."""
    found: dict[str, Attached] = {}
    room = _MOST_BYTES
    for path in dict.fromkeys(image.path for image in _images(view)):
        picture = await pictures.read(path) if len(found) < _MOST_FILES else None
        if picture is not None and len(picture.data) <= room:
            room -= len(picture.data)
            name = f"picture{len(found) + 1}.{picture.kind}"
            found[path] = Attached(name, picture.data)
    return found


def weight(attachments: Attachments) -> int:
    """How many bytes the files of a message have."""
    return sum(len(one.data) for one in attachments.values())


def listed(attachments: Attachments) -> list[dict[str, Any]]:
    """What the body of a request says of the files that come with it."""
    return [{"id": place, "filename": one.name} for place, one in enumerate(attachments.values())]


def files(attachments: Attachments) -> list[discord.File]:
    """The files of one request. A file that was sent is at its end, so each has its own."""
    return [discord.File(BytesIO(one.data), one.name) for one in attachments.values()]


def request_of(payload: dict[str, Any], attachments: Attachments) -> MultipartParameters:
    """One request's body with its files; another try needs another."""
    sent = files(attachments)
    if not sent:
        return MultipartParameters(payload=payload, multipart=None, files=None)
    form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(payload)}]
    form += [
        {
            "name": f"files[{place}]",
            "value": file.fp,
            "filename": file.filename,
            "content_type": "application/octet-stream",
        }
        for place, file in enumerate(sent)
    ]
    return MultipartParameters(payload=None, multipart=form, files=sent)


def _images(view: View) -> Iterator[Image]:
    for block in view.blocks:
        match block:
            case Image():
                yield block
            case Heading(image=Image() as image):
                yield image
            case _:
                pass
