"""The settings: from the environment and from .env, where the environment wins."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.address import Server
from bot.archive.sources import DirectorySource, Source, source_of
from bot.errors import ArchiveError, OperatorError, SettingsError
from bot.locales import LANGUAGES

STATE_NAME = "state.sqlite3"
SQLITE = "sqlite:///"

SAMPLE_ARCHIVE = Path(__file__).resolve().parent.parent / "examples" / "archive"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the documents and `matome doctor` name it."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("MATOME_ARCHIVE", "examples/archive", "a directory, or git+URL with #branch after it"),
    Setting("MATOME_DATA", "data", "the directory for the index and the clones"),
    Setting(
        "MATOME_STATE_URL", "", "postgresql://USER:PASSWORD@HOST/NAME; else a file in the data"
    ),
    Setting("MATOME_SITE_URL", "", "the blog's address; else baseURL of the archive's hugo.toml"),
    Setting("MATOME_LANGUAGE", "ja", "the language of the answers: ja or en"),
    Setting("MATOME_TIMEZONE", "Asia/Tokyo", "the time zone in which times are shown"),
    Setting("MATOME_SYNC_EVERY", "30", "minutes between two syncs of a running bot, 0 for none"),
    Setting("MATOME_LATE_HOURS", "12", "hours for which a digest that is late is still sent"),
    Setting("MATOME_MAX_SUBSCRIPTIONS", "50", "how many digests a server or workspace may have"),
    Setting("MATOME_KEEP_DAYS", "365", "days for which is kept what was sent, changed and missed"),
    Setting("DISCORD_TOKEN", "", "the token of a Discord bot; with it `run` is that bot"),
    Setting("DISCORD_SHARDS", "", "the shards of this process, such as 0-3/16; else all"),
    Setting("DISCORD_API_URL", "", "where Discord's API is, for a proxy; else Discord itself"),
    Setting("DISCORD_GATEWAY_URL", "", "where its gateway is, for a proxy; else Discord itself"),
)
# What the names of our settings begin with.
PREFIXES = ("MATOME_", "DISCORD_")


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """How Discord is reached; the token is shown nowhere.

    `shards` are the numbers of this process's shards and how many there are in all, None where
    Discord says.
    """

    token: str = field(repr=False)
    shards: tuple[tuple[int, ...], int] | None = None
    api_url: str | None = None
    gateway_url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. `unknown` has names that begin like ours but mean nothing.

    A running bot syncs every `sync_every`, or never where that is zero. A digest is sent up to
    `late` after its time; a server or workspace has `max_subscriptions` of them at most. How what
    was sent has ended is known for `keep`.
    """

    archive: Source
    data: Path
    state: Path | Server
    site_url: str | None
    language: str
    timezone: ZoneInfo
    sync_every: timedelta
    late: timedelta
    max_subscriptions: int
    keep: timedelta
    is_sample: bool
    discord: DiscordSettings | None
    unknown: tuple[str, ...]


def load(environment: Mapping[str, str], env_file: Path) -> Settings:
    """Read the settings. Raises SettingsError with every fault that there is."""
    faults: list[OperatorError] = []
    values = {setting.name: setting.default for setting in SETTINGS}
    given = {**_from_file(env_file, faults), **environment}
    # An empty value is one that was left out.
    values.update({name: value for name, value in given.items() if name in values and value})

    data = _data(values["MATOME_DATA"], faults)
    state = _state(values["MATOME_STATE_URL"], data, faults)
    language = values["MATOME_LANGUAGE"]
    if language not in LANGUAGES:
        faults.append(OperatorError("settings.language", value=language))
    timezone = _timezone(values["MATOME_TIMEZONE"], faults)
    site_url = _site_url(values["MATOME_SITE_URL"], faults)
    sync_every = _minutes(values["MATOME_SYNC_EVERY"], faults)
    late = _number("MATOME_LATE_HOURS", values, 168, faults)
    max_subscriptions = _number("MATOME_MAX_SUBSCRIPTIONS", values, 100_000, faults)
    keep = _number("MATOME_KEEP_DAYS", values, 36_500, faults)
    discord = _discord(values, faults)
    is_sample = not given.get("MATOME_ARCHIVE")
    archive = _archive(given.get("MATOME_ARCHIVE") or "", data, faults)
    if faults or archive is None:
        raise SettingsError(faults)
    known = {setting.name for setting in SETTINGS}
    return Settings(
        archive=archive,
        data=data,
        state=state,
        site_url=site_url,
        language=language,
        timezone=timezone,
        sync_every=sync_every,
        late=timedelta(hours=late),
        max_subscriptions=max_subscriptions,
        keep=timedelta(days=keep),
        is_sample=is_sample,
        discord=discord,
        unknown=tuple(sorted(n for n in given if n.startswith(PREFIXES) and n not in known)),
    )


def _from_file(path: Path, faults: list[OperatorError]) -> dict[str, str]:
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


def _data(value: str, faults: list[OperatorError]) -> Path:
    try:
        path = Path(value).expanduser()
        if not path.exists() or path.is_dir():
            return path
    except (OSError, RuntimeError):
        # A name that is too long, or "~somebody" whom this machine does not know.
        path = Path(value)
    faults.append(OperatorError("settings.data", path=str(path)))
    return path


def _state(value: str, data: Path, faults: list[OperatorError]) -> Path | Server:
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


def _number(name: str, values: Mapping[str, str], highest: int, faults: list[OperatorError]) -> int:
    value = values[name]
    if re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= highest:
        return int(value)
    faults.append(OperatorError("settings.number", name=name, highest=highest, value=value))
    return 1


def _timezone(name: str, faults: list[OperatorError]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(OperatorError("settings.timezone", value=name))
        return ZoneInfo("UTC")


def _minutes(value: str, faults: list[OperatorError]) -> timedelta:
    if re.fullmatch("[0-9]{1,5}", value):
        return timedelta(minutes=int(value))
    faults.append(OperatorError("settings.sync_every", value=value))
    return timedelta()


def _site_url(value: str, faults: list[OperatorError]) -> str | None:
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


def _discord(values: Mapping[str, str], faults: list[OperatorError]) -> DiscordSettings | None:
    """How Discord is reached; None without a token. What is wrong with that is not shown."""
    token = values["DISCORD_TOKEN"].strip()
    if token and re.fullmatch(r"[A-Za-z0-9._~+/=-]{10,200}", token) is None:
        faults.append(OperatorError("settings.discord_token"))
    shards = _shards(values["DISCORD_SHARDS"], faults)
    api_url = _url("DISCORD_API_URL", values, ("http", "https"), faults)
    gateway_url = _url("DISCORD_GATEWAY_URL", values, ("ws", "wss"), faults)
    return DiscordSettings(token, shards, api_url, gateway_url) if token else None


def _shards(value: str, faults: list[OperatorError]) -> tuple[tuple[int, ...], int] | None:
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


def _url(
    name: str, values: Mapping[str, str], schemes: tuple[str, ...], faults: list[OperatorError]
) -> str | None:
    value = values[name]
    if not value:
        return None
    with suppress(ValueError):
        parts = urlsplit(value)
        if parts.scheme in schemes and parts.hostname:
            return value
    faults.append(OperatorError("settings.url", name=name, example=schemes[-1], value=value))
    return None


def _archive(setting: str, data: Path, faults: list[OperatorError]) -> Source | None:
    if not setting and not SAMPLE_ARCHIVE.is_dir():
        faults.append(OperatorError("settings.no_sample"))
        return None
    try:
        return source_of(setting, data / "clones") if setting else DirectorySource(SAMPLE_ARCHIVE)
    except ArchiveError as error:
        faults.append(error)
        return None
