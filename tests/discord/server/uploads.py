"""Files that come with a request, and what becomes of them in a message."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.discord.server.clock import Snowflakes
from tests.discord.server.refusals import Form, Json, Path, Refusal

# Of a server that nobody pays for.
FILE_BYTES, FILES = 10 * 2**20, 10

_FIELD = re.compile(r"files\[(\d{1,2})\]")
_KINDS = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


# By the numbers under which the body speaks of them.
Files = Mapping[str, Upload]


async def read_form(request: web.Request) -> tuple[Any, Files]:
    """The body and the files of a form. Raises ValueError for what no client should send."""
    body: Any = None
    files: dict[str, Upload] = {}
    for name, part in (await request.post()).items():
        number = _FIELD.fullmatch(name)
        if name == "payload_json" and isinstance(part, str) and body is None:
            body = json.loads(part)
        elif number is not None and isinstance(part, web.FileField) and number[1] not in files:
            files[number[1]] = Upload(part.filename, part.file.read())
        else:
            raise ValueError(f"an odd part of a form: {name}")
    if body is None or not files:
        raise ValueError("a form without a body, or without files")
    if any(len(file.data) > FILE_BYTES for file in files.values()):
        raise Refusal(413, 40005, "Request entity too large")
    return body, files


def attachments(
    form: Form, where: Path, body: Json, files: Files, staying: Collection[Json], ids: Snowflakes
) -> list[Json]:
    """The attachments that a message gets; `staying` are those that it keeps."""
    form.length((*where, "attachments"), list(files), 0, FILES)
    known = {*files, *(str(one["id"]) for one in staying)}
    named: dict[str, Json] = {}
    for place, one in enumerate(body.get("attachments") or ()):
        key = str(one.get("id"))
        if key not in known or key in named:
            message = f"The attachment {key} was not uploaded"
            form.wrong((*where, "attachments", place, "id"), "ATTACHMENT_NOT_FOUND", message)
        named[key] = one
    return [
        _attachment(ids.next(), named.get(key, {}).get("filename") or upload.name, upload)
        for key, upload in files.items()
    ]


def staying(body: Json, files: Files, before: Json | None) -> list[Json]:
    """The attachments that a message keeps when it is edited: those named, or all of them.

    A form with new files that names none keeps none (discord-api-docs #5170).
    """
    old = (before or {}).get("attachments") or []
    if body.get("attachments") is None:
        return [] if files else list(old)
    named = {str(one.get("id")) for one in body["attachments"]}
    return [one for one in old if str(one["id"]) in named]


def _attachment(key: int, name: str, upload: Upload) -> Json:
    path = f"attachments/{key}/{name}?ex=1&is=2&hm=3"
    return {
        "id": str(key),
        "filename": name,
        "size": len(upload.data),
        "content_type": _KINDS.get(name.rpartition(".")[2], "application/octet-stream"),
        "url": f"https://cdn.discordapp.com/{path}",
        "proxy_url": f"https://media.discordapp.net/{path}",
    }


def resolved(component: Any, attached: Iterable[Json]) -> Any:
    """A component as it is kept: what stood for a file has become its address."""
    by_name = {f"attachment://{one['filename']}": one for one in attached}

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(one) for one in node]
        if not isinstance(node, dict):
            return node
        found = by_name.get(str(node.get("url")))
        if found is None:
            return {key: walk(value) for key, value in node.items()}
        kept = {key: found[key] for key in ("url", "proxy_url", "content_type")}
        return {**node, **kept, "attachment_id": found["id"], "loading_state": 2}

    return walk(component)


def unshown(body: Json) -> list[Json]:
    """The attachments that a message tells of: not those that its components show (#8277)."""
    shown: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            shown.update([node["attachment_id"]] if "attachment_id" in node else [])
        for one in node.values() if isinstance(node, dict) else node:
            if isinstance(one, dict | list):
                walk(one)

    walk(body.get("components") or [])
    return [one for one in body.get("attachments") or [] if one["id"] not in shown]
