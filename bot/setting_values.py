"""Values of settings as they are written: each is understood, or becomes a fault.

What is wrong is shown with its fault, but never where it might be a secret.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.address import Server
from bot.errors import OperatorError
from bot.sealing import key_of

STATE_NAME = "state.sqlite3"
SQLITE = "sqlite:///"

Faults = list[OperatorError]
Values = Mapping[str, str]


def from_file(path: Path, faults: Faults) -> dict[str, str]:
    """The values of .env; none where there is no such file."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        faults.append(OperatorError("settings.unreadable", path=str(path), cause="not UTF-8"))
        return {}
    except OSError as error:
        cause = error.strerror or str(error)
        faults.append(OperatorError("settings.unreadable", path=str(path), cause=cause))
        return {}
    # The library would only log a line that it cannot parse, and go on without it. What stands in
    # the line may be a secret.
    broken = []
    for binding in parse_stream(StringIO(text)):
        source = binding.original.string
        if binding.error or "\0" in source:
            # The blank lines before it are taken for a part of it.
            blank = source[: len(source) - len(source.lstrip())].count("\n")
            broken.append(binding.original.line + blank)
    faults += [OperatorError("settings.env_line", path=str(path), line=line) for line in broken]
    values = dotenv_values(stream=StringIO(text)) if not broken else {}
    return {name: value or "" for name, value in values.items()}


def data(value: str, faults: Faults) -> Path:
    """The directory for what can be made anew."""
    try:
        path = Path(value).expanduser()
        if not path.exists() or path.is_dir():
            return path
    except (OSError, RuntimeError):
        # A name that is too long, or "~somebody" whom this machine does not know.
        path = Path(value)
    faults.append(OperatorError("settings.data", path=str(path)))
    return path


def state(value: str, data: Path, faults: Faults) -> Path | Server:
    """Where the state is. What is wrong is not shown: there may be a password in it."""
    default = data / STATE_NAME
    if not value:
        return default
    if value.startswith(SQLITE):
        path = unquote(value.removeprefix(SQLITE))
        if path and not {"?", "#", "\0"} & set(value):
            return Path(path)
    else:
        with suppress(ValueError):
            return Server(value)
    faults.append(OperatorError("settings.state_url"))
    return default


def one_of(name: str, right: Sequence[str], values: Values, faults: Faults) -> str:
    """One of a few words."""
    value = values[name]
    if value not in right:
        choices = " / ".join(right)
        faults.append(OperatorError("settings.one_of", name=name, right=choices, value=value))
    return value


def number(name: str, values: Values, highest: int, faults: Faults) -> int:
    """A whole number from 1 to the highest."""
    value = values[name]
    if re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= highest:
        return int(value)
    faults.append(OperatorError("settings.number", name=name, highest=highest, value=value))
    return 1


def timezone(name: str, faults: Faults) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(OperatorError("settings.timezone", value=name))
        return ZoneInfo("UTC")


def minutes(value: str, faults: Faults) -> timedelta:
    """A span of time in minutes, 0 for never."""
    if re.fullmatch("[0-9]{1,5}", value):
        return timedelta(minutes=int(value))
    faults.append(OperatorError("settings.sync_every", value=value))
    return timedelta()


def site_url(value: str, faults: Faults) -> str | None:
    """An address that ends with "/", None for none."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        if parts.scheme in ("http", "https") and parts.hostname:
            return value.rstrip("/") + "/"
    except ValueError:
        pass
    faults.append(OperatorError("settings.site_url", value=value))
    return None


def shards(value: str, faults: Faults) -> tuple[tuple[int, ...], int] | None:
    """The shards of "0-3/16" or "2/16"; None for all."""
    if not value:
        return None
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?/([0-9]{1,5})", value.replace(" ", ""))
    if found is not None:
        first, count = int(found[1]), int(found[3])
        last = int(found[2] or first)
        if first <= last < count:
            return tuple(range(first, last + 1)), count
    faults.append(OperatorError("settings.discord_shards", value=value))
    return None


def url(name: str, values: Values, schemes: tuple[str, ...], faults: Faults) -> str | None:
    """An address of one of some schemes, None for none."""
    value = values[name]
    if not value:
        return None
    with suppress(ValueError):
        parts = urlsplit(value)
        if parts.scheme in schemes and parts.hostname:
            return value
    faults.append(OperatorError("settings.url", name=name, example=schemes[-1], value=value))
    return None


def secret(name: str, shape: str, values: Values, faults: Faults) -> str | None:
    """A secret that looks as it should, None for none; what is wrong is not shown."""
    value = values[name].strip()
    if value and re.fullmatch(shape, value) is None:
        faults.append(OperatorError("settings.secret", name=name))
    return value or None


def keys(value: str, faults: Faults) -> tuple[bytes, ...]:
    """Keys with commas between them, the newest first."""
    found = []
    for part in filter(None, map(str.strip, value.split(","))):
        try:
            found.append(key_of(part))
        except ValueError:
            faults.append(OperatorError("settings.secret_key"))
    return tuple(found)


def endpoint(name: str, values: Values, faults: Faults) -> tuple[str, int] | None:
    """The host and the port of "127.0.0.1:8080"; ":8080" is on all of this machine's addresses."""
    value = values[name].strip()
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536 and not re.search(r"[\s/]", host):
        return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 (as it was asked for)
    faults.append(OperatorError("settings.endpoint", name=name, value=value))
    return None
