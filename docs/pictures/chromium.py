"""Pictures of pages, by a Chromium without a window; pngquant makes them small."""

import re
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

SECONDS = 60
# Pixels of the picture for one of the page.
SCALE = 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The signature and the header, which comes first.
_BEHIND_HEADER = len(_SIGNATURE) + 25
_STAMP = b"tEXtmatome\0"
_HEIGHT = re.compile(r'data-height="(\d+)"')
_MEASURED = (
    "<script>document.documentElement.dataset.height ="
    " Math.ceil(document.body.getBoundingClientRect().height)</script>"
)
# Without a sandbox, which root cannot have: what it opens is our own page.
_CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    f"--force-device-scale-factor={SCALE}",
)


def picture_of(page: str, width: int, stamp: str) -> bytes:
    """A page as PNG, as high as it is; `stamp` is kept in it unseen, to know what it shows."""
    with tempfile.TemporaryDirectory() as directory:
        source, taken = Path(directory) / "page.html", Path(directory) / "page.png"
        source.write_text(page.replace("</body>", f"{_MEASURED}</body>"), "utf-8")
        measured = _run(*_CHROMIUM, f"--window-size={width},1000", "--dump-dom", source.as_uri())
        found = _HEIGHT.search(measured.decode())
        assert found is not None
        size = f"--window-size={width},{found[1]}"
        _run(*_CHROMIUM, size, f"--screenshot={taken}", source.as_uri())
        small = _run(
            "pngquant", "--strip", "--speed=1", "--nofs", "48", "-", given=taken.read_bytes()
        )
    return stamped(small, stamp)


def stamped(png: bytes, stamp: str) -> bytes:
    """A picture that carries some words unseen."""
    chunk = _STAMP + stamp.encode("latin-1")
    length, checksum = struct.pack(">I", len(chunk) - 4), struct.pack(">I", zlib.crc32(chunk))
    return png[:_BEHIND_HEADER] + length + chunk + checksum + png[_BEHIND_HEADER:]


def stamp_of(png: bytes) -> str | None:
    """The words that a picture carries, None for one without."""
    if not png[_BEHIND_HEADER + 4 :].startswith(_STAMP):
        return None
    (length,) = struct.unpack_from(">I", png, _BEHIND_HEADER)
    start = _BEHIND_HEADER + 4 + len(_STAMP)
    return png[start : _BEHIND_HEADER + 8 + length].decode("latin-1")


def _run(*command: str, given: bytes = b"") -> bytes:
    ran = subprocess.run(command, input=given, capture_output=True, check=True, timeout=SECONDS)  # noqa: S603
    return ran.stdout
