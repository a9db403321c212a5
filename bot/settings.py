"""The settings: from the environment and from .env, where the environment wins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.archive.sources import DirectorySource, Source, source_of
from bot.errors import ArchiveError, OperatorError, SettingsError
from bot.locales import LANGUAGES

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
    Setting("MATOME_SITE_URL", "", "the blog's address; else baseURL of the archive's hugo.toml"),
    Setting("MATOME_LANGUAGE", "ja", "the language of the answers: ja or en"),
    Setting("MATOME_TIMEZONE", "Asia/Tokyo", "the time zone in which times are shown"),
    Setting("MATOME_SYNC_EVERY", "30", "minutes between two syncs of a running bot, 0 for none"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. `unknown` has names that begin like ours but mean nothing.

    A running bot syncs every `sync_every`, or never where that is zero.
    """

    archive: Source
    data: Path
    site_url: str | None
    language: str
    timezone: ZoneInfo
    sync_every: timedelta
    is_sample: bool
    unknown: tuple[str, ...]


def load(environment: Mapping[str, str], env_file: Path) -> Settings:
    """Read the settings. Raises SettingsError with every fault that there is."""
    faults: list[OperatorError] = []
    values = {setting.name: setting.default for setting in SETTINGS}
    given = {**_from_file(env_file, faults), **environment}
    # An empty value is one that was left out.
    values.update({name: value for name, value in given.items() if name in values and value})

    data = _data(values["MATOME_DATA"], faults)
    language = values["MATOME_LANGUAGE"]
    if language not in LANGUAGES:
        faults.append(OperatorError("settings.language", value=language))
    timezone = _timezone(values["MATOME_TIMEZONE"], faults)
    site_url = _site_url(values["MATOME_SITE_URL"], faults)
    sync_every = _minutes(values["MATOME_SYNC_EVERY"], faults)
    is_sample = not given.get("MATOME_ARCHIVE")
    archive = _archive(given.get("MATOME_ARCHIVE") or "", data, faults)
    if faults or archive is None:
        raise SettingsError(faults)
    known = {setting.name for setting in SETTINGS}
    return Settings(
        archive=archive,
        data=data,
        site_url=site_url,
        language=language,
        timezone=timezone,
        sync_every=sync_every,
        is_sample=is_sample,
        unknown=tuple(sorted(n for n in given if n.startswith("MATOME_") and n not in known)),
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


def _archive(setting: str, data: Path, faults: list[OperatorError]) -> Source | None:
    if not setting and not SAMPLE_ARCHIVE.is_dir():
        faults.append(OperatorError("settings.no_sample"))
        return None
    try:
        return source_of(setting, data / "clones") if setting else DirectorySource(SAMPLE_ARCHIVE)
    except ArchiveError as error:
        faults.append(error)
        return None
