"""Files that are sent to the Discord of the tests: which forms it takes, and what it tells then."""

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.discord.bodies import Json, gallery, layout, section, text
from tests.discord.clients import Wire, faults
from tests.discord.server.uploads import FILE_BYTES
from tests.discord.server.world import Channel

PART = "application/octet-stream"
THUMBNAIL = {"type": 11, "media": {"url": "attachment://a.png"}}
SHOWN = layout(section(text(), accessory=THUMBNAIL))


def form_of(body: Json | None, files: dict[str, tuple[str, bytes]]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    if body is not None:
        form.add_field("payload_json", json.dumps(body))
    for field, (name, data) in files.items():
        form.add_field(field, BytesIO(data), filename=name, content_type=PART)
    return form


async def send(
    wire: Wire, channel: Channel, form: aiohttp.FormData, method: str = "POST", path: str = ""
) -> tuple[int, Any]:
    url = f"{wire.server.api_url}/channels/{channel.id}/messages{path}"
    headers = {"Authorization": f"Bot {wire.server.token}"}
    async with wire.session.request(method, url, data=form, headers=headers) as answer:
        return answer.status, await answer.json()


async def posted(wire: Wire, channel: Channel, body: Json) -> Json:
    status, answer = await send(wire, channel, form_of(body, {"files[0]": ("a.png", b"picture")}))
    assert status == 200, answer
    found: Json = answer
    return found


async def test_a_file_gets_an_address_where_it_is_shown(wire: Wire, channel: Channel) -> None:
    answer = await posted(wire, channel, SHOWN)
    media = answer["components"][0]["accessory"]["media"]
    assert media["url"].startswith("https://cdn.discordapp.com/attachments/")
    assert media["proxy_url"].startswith("https://media.discordapp.net/attachments/")
    assert media["content_type"] == "image/png"
    assert wire.server.uploads[media["attachment_id"]].data == b"picture"
    # What its components show a message does not tell of otherwise.
    assert answer["attachments"] == []
    plain = await posted(wire, channel, {"content": "word"})
    assert [one["filename"] for one in plain["attachments"]] == ["a.png"]
    assert plain["attachments"][0]["size"] == len(b"picture")


async def test_the_body_may_give_files_their_names(wire: Wire, channel: Channel) -> None:
    body = {**SHOWN, "attachments": [{"id": 0, "filename": "a.png"}]}
    status, _ = await send(wire, channel, form_of(body, {"files[0]": ("other.png", b"x")}))
    assert status == 200


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (
            layout(gallery(1, "attachment://b.png")),
            "components.0.items.0.media.url",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT",
        ),
        ({**SHOWN, "attachments": [{"id": 1}]}, "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
        (
            {**SHOWN, "attachments": [{"id": 0}, {"id": 0}]},
            "attachments.1.id",
            "ATTACHMENT_NOT_FOUND",
        ),
    ],
)
async def test_what_was_not_sent_cannot_be_shown(
    wire: Wire, channel: Channel, body: Json, path: str, code: str
) -> None:
    status, answer = await send(wire, channel, form_of(body, {"files[0]": ("a.png", b"x")}))
    assert status == 400
    assert (path, code) in faults(answer)
    assert not wire.server.journal.entries


async def test_files_have_a_size_and_a_number(wire: Wire, channel: Channel) -> None:
    for more, expected in ((0, 200), (1, 413)):
        large = {"files[0]": ("a.png", bytes(FILE_BYTES + more))}
        status, answer = await send(wire, channel, form_of({"content": "word"}, large))
        assert status == expected
        assert answer.get("code") == (None if status == 200 else 40005)
    for count, expected in ((10, 200), (11, 400)):
        many = {f"files[{n}]": (f"{n}.png", b"x") for n in range(count)}
        status, answer = await send(wire, channel, form_of({"content": "word"}, many))
        assert status == expected


@pytest.mark.parametrize(
    ("body", "files"),
    [
        (None, {"files[0]": ("a.png", b"x")}),
        ({"content": "word"}, {}),
        ({"content": "word"}, {"file": ("a.png", b"x")}),
        ({"content": "word"}, {"files[x]": ("a.png", b"x")}),
        ({"content": "word"}, {"files[0]": ("a.png", b"x"), "more": ("b.png", b"x")}),
    ],
)
async def test_an_odd_form_is_noted(
    wire: Wire, channel: Channel, body: Json | None, files: dict[str, tuple[str, bytes]]
) -> None:
    form = form_of(body, files)
    if not files:
        form.add_field("nothing", "", content_type="text/plain")
    status, _ = await send(wire, channel, form)
    assert status == 400
    assert len(wire.server.odd_bodies) == 1
    wire.server.odd_bodies.clear()


async def test_without_the_right_no_file_is_taken(wire: Wire, channel: Channel) -> None:
    made = await posted(wire, channel, SHOWN)
    wire.server.forbid(channel, wire.server.bot, "attach_files")
    form = form_of(SHOWN, {"files[0]": ("a.png", b"x")})
    assert (await send(wire, channel, form))[1]["code"] == 50013
    form = form_of(SHOWN, {"files[0]": ("a.png", b"x")})
    assert (await send(wire, channel, form, "PATCH", f"/{made['id']}"))[1]["code"] == 50013


async def test_an_edit_keeps_what_it_names(wire: Wire, channel: Channel) -> None:
    made = await posted(wire, channel, SHOWN)
    key = made["components"][0]["accessory"]["media"]["attachment_id"]
    path = f"/channels/{channel.id}/messages/{made['id']}"
    wire.server.rates.buckets["PATCH /channels/{channel}/messages/{message}"] = (1000, 1.0)
    for body, expected in (
        ({"components": SHOWN["components"]}, 200),
        ({"components": SHOWN["components"], "attachments": [{"id": key}]}, 200),
        ({"components": SHOWN["components"], "attachments": [{"id": "1"}]}, 400),
        ({"components": SHOWN["components"], "attachments": []}, 400),
        ({"components": [text()], "attachments": []}, 200),
        ({"components": SHOWN["components"]}, 400),
    ):
        status, answer = await wire.ask("PATCH", path, body)
        assert status == expected, (body, answer)


async def test_new_files_take_the_place_of_those_that_are_not_named(
    wire: Wire, channel: Channel
) -> None:
    made = await posted(wire, channel, {"content": "word"})
    form = form_of({"content": "word"}, {"files[0]": ("b.png", b"x")})
    _, answer = await send(wire, channel, form, "PATCH", f"/{made['id']}")
    assert [one["filename"] for one in answer["attachments"]] == ["b.png"]
    old = {"id": answer["attachments"][0]["id"]}
    body = {"content": "word", "attachments": [old, {"id": 0}]}
    form = form_of(body, {"files[0]": ("c.png", b"x")})
    _, answer = await send(wire, channel, form, "PATCH", f"/{made['id']}")
    assert [one["filename"] for one in answer["attachments"]] == ["b.png", "c.png"]
