"""The settings: from the environment and from .env, where the environment wins."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import setting_values as values
from bot.address import Server
from bot.archive.git import GitSource
from bot.archive.sources import DirectorySource, Source, source_of
from bot.errors import ArchiveError, OperatorError, SettingsError
from bot.locales import LANGUAGES

SAMPLE_ARCHIVE = Path(__file__).resolve().parent.parent / "examples" / "archive"


# Every setting with its default, as the documents and `matome doctor` name it.
DEFAULTS: Mapping[str, str] = {
    "MATOME_ARCHIVE": "examples/archive",
    "MATOME_DATA": "data",
    "MATOME_STATE_URL": "",
    "MATOME_SITE_URL": "",
    "MATOME_LANGUAGE": "ja",
    "MATOME_TIMEZONE": "Asia/Tokyo",
    "MATOME_SYNC_EVERY": "30",
    "MATOME_LATE_HOURS": "12",
    "MATOME_MAX_SUBSCRIPTIONS": "50",
    "MATOME_MANAGERS": "usual",
    "MATOME_KEEP_DAYS": "365",
    "MATOME_LOG_TEXTS": "off",
    "MATOME_HTTP": "",
    "MATOME_SECRET_KEY": "",
    "DISCORD_TOKEN": "",
    "DISCORD_SHARDS": "",
    "DISCORD_API_URL": "",
    "DISCORD_GATEWAY_URL": "",
    "SLACK_BOT_TOKEN": "",
    "SLACK_APP_TOKEN": "",
    "SLACK_SIGNING_SECRET": "",
    "SLACK_CLIENT_ID": "",
    "SLACK_CLIENT_SECRET": "",
    "SLACK_API_URL": "",
}
# What the names of our settings begin with.
PREFIXES = ("MATOME_", "DISCORD_", "SLACK_")
# The usual managers are whom the platform lets manage a channel.
MANAGERS = ("usual", "admins")
SWITCH = ("off", "on")


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
class OAuth:
    """What an app needs to be installed into many workspaces."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How Slack is reached; its secrets are shown nowhere.

    A single workspace has a `bot_token`, many are installed through `oauth`. With an `app_token`
    Slack tells what happens over a socket, else by requests that `signing_secret` signs.
    """

    bot_token: str | None = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    oauth: OAuth | None = None
    api_url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. `unknown` has names that begin like ours but mean nothing.

    A running bot syncs every `sync_every`, or never where that is zero. A digest is sent up to
    `late` after its time; a server or workspace has `max_subscriptions` of them at most, and
    `managers` says who may decide on them. How what was sent has ended is known for `keep`. `http`
    is the host and port to listen on. `secret_keys` encrypt tokens, the first of them new ones.
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
    managers: str
    keep: timedelta
    log_texts: bool
    is_sample: bool
    http: tuple[str, int] | None
    secret_keys: tuple[bytes, ...] = field(repr=False)
    discord: DiscordSettings | None
    slack: SlackSettings | None
    unknown: tuple[str, ...]

    @property
    def secrets(self) -> tuple[str, ...]:
        """All texts among them that nobody must see, as they may be written somewhere."""
        discord, slack = self.discord, self.slack
        given: list[str | None] = []
        if discord is not None:
            given.append(discord.token)
        if slack is not None:
            given += [slack.bot_token, slack.app_token, slack.signing_secret]
            given.append(slack.oauth.client_secret if slack.oauth else None)
        for key in self.secret_keys:
            given += [b64encode(key).decode(), urlsafe_b64encode(key).decode()]
        if isinstance(self.state, Server):
            given += self.state.passwords
        if isinstance(self.archive, GitSource):
            given += sorted(self.archive.secrets)
        return tuple(secret for secret in given if secret)

    @property
    def backups(self) -> Path:
        """Where the state is backed up before it is migrated."""
        return self.data / "backups"


def load(environment: Mapping[str, str], env_file: Path) -> Settings:
    """Read the settings. Raises SettingsError with every fault that there is."""
    faults: list[OperatorError] = []
    written = {**values.from_file(env_file, faults), **environment}
    # An empty value is one that was left out.
    given = {**DEFAULTS, **{name: written[name] for name in DEFAULTS if written.get(name)}}

    data = values.data(given["MATOME_DATA"], faults)
    state = values.state(given["MATOME_STATE_URL"], data, faults)
    language = values.one_of("MATOME_LANGUAGE", LANGUAGES, given, faults)
    managers = values.one_of("MATOME_MANAGERS", MANAGERS, given, faults)
    timezone = values.timezone(given["MATOME_TIMEZONE"], faults)
    site_url = values.site_url(given["MATOME_SITE_URL"], faults)
    sync_every = values.minutes(given["MATOME_SYNC_EVERY"], faults)
    late = values.number("MATOME_LATE_HOURS", given, 168, faults)
    max_subscriptions = values.number("MATOME_MAX_SUBSCRIPTIONS", given, 100_000, faults)
    keep = values.number("MATOME_KEEP_DAYS", given, 36_500, faults)
    log_texts = values.one_of("MATOME_LOG_TEXTS", SWITCH, given, faults) == "on"
    http = values.endpoint("MATOME_HTTP", given, faults)
    secret_keys = values.keys(given["MATOME_SECRET_KEY"], faults)
    discord = _discord(given, faults)
    slack = _slack(given, http, faults)
    is_sample = not written.get("MATOME_ARCHIVE")
    archive = _archive(written.get("MATOME_ARCHIVE") or "", data, faults)
    if faults or archive is None:
        raise SettingsError(faults)
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
        managers=managers,
        keep=timedelta(days=keep),
        log_texts=log_texts,
        is_sample=is_sample,
        http=http,
        secret_keys=secret_keys,
        discord=discord,
        slack=slack,
        unknown=tuple(sorted(n for n in written if n.startswith(PREFIXES) and n not in DEFAULTS)),
    )


def _discord(given: values.Values, faults: values.Faults) -> DiscordSettings | None:
    """How Discord is reached; None without a token."""
    token = values.secret("DISCORD_TOKEN", r"[A-Za-z0-9._~+/=-]{10,200}", given, faults)
    shards = values.shards(given["DISCORD_SHARDS"], faults)
    api_url = values.url("DISCORD_API_URL", given, ("http", "https"), faults)
    gateway_url = values.url("DISCORD_GATEWAY_URL", given, ("ws", "wss"), faults)
    return DiscordSettings(token, shards, api_url, gateway_url) if token else None


def _slack(
    given: values.Values, http: tuple[str, int] | None, faults: values.Faults
) -> SlackSettings | None:
    """How Slack is reached; None without a token. Raises nothing: what lacks is a fault."""
    bot = values.secret("SLACK_BOT_TOKEN", r"xoxb-[A-Za-z0-9-]{5,300}", given, faults)
    app = values.secret("SLACK_APP_TOKEN", r"xapp-[A-Za-z0-9-]{5,300}", given, faults)
    signing = values.secret("SLACK_SIGNING_SECRET", r"[A-Za-z0-9]{10,200}", given, faults)
    client = values.secret("SLACK_CLIENT_ID", r"[0-9.]{3,100}", given, faults)
    client_secret = values.secret("SLACK_CLIENT_SECRET", r"[A-Za-z0-9]{10,200}", given, faults)
    api_url = values.url("SLACK_API_URL", given, ("http", "https"), faults)
    if not (bot or app or client):
        return None
    lacking = []
    if client and not bot:
        wanted = {
            "SLACK_CLIENT_SECRET": client_secret,
            "SLACK_SIGNING_SECRET": signing,
            "MATOME_HTTP": http,
            "MATOME_SECRET_KEY": given["MATOME_SECRET_KEY"],
        }
        lacking = [name for name, value in wanted.items() if not value]
    elif not bot:
        lacking = ["SLACK_BOT_TOKEN"]
    elif not app:
        wanted = {"SLACK_SIGNING_SECRET": signing, "MATOME_HTTP": http}
        lacking = [name for name, value in wanted.items() if not value]
        if len(lacking) == len(wanted):
            # The shorter way.
            lacking = ["SLACK_APP_TOKEN"]
    if lacking:
        faults.append(OperatorError("settings.slack", names=", ".join(lacking)))
    oauth = None if bot or not client or not client_secret else OAuth(client, client_secret)
    return SlackSettings(bot, app, signing, oauth, api_url)


def _archive(setting: str, data: Path, faults: values.Faults) -> Source | None:
    if not setting and not SAMPLE_ARCHIVE.is_dir():
        faults.append(OperatorError("settings.no_sample"))
        return None
    try:
        return source_of(setting, data / "clones") if setting else DirectorySource(SAMPLE_ARCHIVE)
    except ArchiveError as error:
        faults.append(error)
        return None
