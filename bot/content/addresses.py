"""Addresses as they were before translating: what to show, and where they lead."""

import re
from dataclasses import dataclass

from bot.content.patterns import CUT_MARK

_TRAILING = ".,:;!?'*．：？＇＊\u200b\u200c\u200d\u2060\ufeff"
# Full-width signs stand for ASCII ones; characters without a width stand for nothing.
_ASCII: dict[int, int | None] = {0xFF01 + i: 0x21 + i for i in range(94)}
_ASCII |= {ord("＼"): ord("/"), ord("−"): ord("-")}
_ASCII |= dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))

# A name that the whole world knows: neither "localhost" nor a number, and nobody's password.
_PUBLIC = re.compile(r"(https?)(://(?:[\w-]+\.)+[a-z][a-z0-9-]+(?::\d+)?(?:[/?#]|$))", re.I | re.A)
_LONGEST_HOST = 300


@dataclass(frozen=True, slots=True)
class Address:
    """What an address is shown as, the end of it within its body, and where it leads if it does."""

    text: str
    end: int
    link: str | None


def address(body: str, start: int, end: int) -> Address:
    """What is meant by body[start:end], which patterns.ADDRESS has found."""
    if CUT_MARK.match(body, end):
        return Address(restored(body[start:end]), end, None)
    written = body[start:end].rstrip(_TRAILING)
    text = restored(written)
    public = _PUBLIC.match(text[:_LONGEST_HOST])
    link = None if public is None else public[1].lower() + text[public.end(1) :]
    return Address(text, start + len(written), link)


def restored(written: str) -> str:
    """An address without what translating did to its signs."""
    return written if written.isascii() else written.translate(_ASCII)
