"""The settings: from the environment and from .env, where the environment wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

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
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. `unknown` has names that begin like ours but mean nothing."""

    archive: Source
    data: Path
    site_url: str | None
    language: str
    timezone: ZoneInfo
    is_sample: bool
    unknown: tuple[str, ...]


def load(environment: Mapping[str, str], env_file: Path) -> Settings:
    """Read the settings. Raises SettingsError with every fault that there is."""
    faults: list[OperatorError] = []
    values = {setting.name: setting.default for setting in SETTINGS}
    given = {**_from_file(env_file, faults), **environment}
    # An empty value is one that was left out.
    values.update({name: value for name, value in given.items() if name in values and value})

    data = Path(values["MATOME_DATA"]).expanduser()
    if data.exists() and not data.is_dir():
        faults.append(OperatorError("settings.data", path=str(data)))
    language = values["MATOME_LANGUAGE"]
    if language not in LANGUAGES:
        faults.append(OperatorError("settings.language", value=language))
    timezone = _timezone(values["MATOME_TIMEZONE"], faults)
    site_url = _site_url(values["MATOME_SITE_URL"], faults)
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
        is_sample=is_sample,
        unknown=tuple(sorted(n for n in given if n.startswith("MATOME_") and n not in known)),
    )


def _from_file(path: Path, faults: list[OperatorError]) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(path).items()}
    except (OSError, UnicodeDecodeError) as error:
        faults.append(OperatorError("settings.unreadable", path=str(path), cause=str(error)))
        return {}


def _timezone(name: str, faults: list[OperatorError]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(OperatorError("settings.timezone", value=name))
        return ZoneInfo("UTC")


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
