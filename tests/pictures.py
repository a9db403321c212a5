"""Small pictures that browsers show, made here."""

import struct
import zlib

GIF = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)
WEBP = bytes.fromhex(
    "52494646240000005745425056503820180000003001009d012a0100010002003425a400037000fefb940000"
)
JPEG_BEGINNING = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


def png(red: int = 0, green: int = 0, blue: int = 0, *, side: int = 2, tail: bytes = b"") -> bytes:
    """A square of one colour; `tail` is kept in it as a text."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
            *([chunk(b"tEXt", b"Comment\0" + tail)] if tail else []),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )
