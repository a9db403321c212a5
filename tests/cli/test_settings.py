"""The settings: where they come from, and that every fault is told at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.address import Server
from bot.archive.sources import DirectorySource
from bot.errors import SettingsError
from bot.locales import Texts
from bot.settings import DEFAULTS, SAMPLE_ARCHIVE, Settings, load
from tests.blog import Blog
from tests.commands import Matome

NO_FILE = Path("/nonexistent/.env")


def faults(environment: dict[str, str], file: Path = NO_FILE) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load(environment, file)
    for language in ("ja", "en"):
        assert all(Texts(language).of(fault) for fault in raised.value.faults)
    return [Texts("en").of(fault) for fault in raised.value.faults]


def test_without_settings_the_sample_archive_is_read() -> None:
    settings = load({}, NO_FILE)
    assert settings.archive == DirectorySource(SAMPLE_ARCHIVE)
    assert settings.is_sample
    assert (settings.language, settings.timezone.key) == ("ja", "Asia/Tokyo")
    assert (settings.data, settings.site_url, settings.unknown) == (Path("data"), None, ())


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\nexport MATOME_LANGUAGE=en\nMATOME_TIMEZONE='UTC' # here\n"
        'MATOME_DATA="with space"\nANOTHER_TOKEN=x\n',
        "utf-8-sig",
    )
    settings = load({"MATOME_TIMEZONE": "Europe/Berlin"}, file)
    assert (settings.language, settings.timezone.key) == ("en", "Europe/Berlin")
    assert settings.data == Path("with space")


@pytest.mark.parametrize("setting", DEFAULTS)
def test_an_empty_setting_is_one_that_was_left_out(setting: str) -> None:
    assert load({setting: ""}, NO_FILE) == load({}, NO_FILE)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    env = tmp_path / ".env"
    env.write_text("MATOME_LANGUAGE=fr\n")
    found = faults(
        {
            "MATOME_TIMEZONE": "Mars/Olympus",
            "MATOME_SITE_URL": "blog.example",
            "MATOME_DATA": str(file),
            "MATOME_ARCHIVE": "git+--upload-pack=x",
        },
        env,
    )
    names = ("MATOME_DATA", "MATOME_LANGUAGE", "MATOME_TIMEZONE", "MATOME_SITE_URL", "git+https")
    assert len(found) == len(names)
    assert all(name in fault for name, fault in zip(names, found, strict=True))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MATOME_TIMEZONE", "../../etc/passwd"),
        ("MATOME_TIMEZONE", "America"),
        ("MATOME_TIMEZONE", "a" * 5000),
        ("MATOME_TIMEZONE", "Asia/Tokyo\0"),
        ("MATOME_TIMEZONE", "\udcff"),
        ("MATOME_SITE_URL", "javascript:alert(1)"),
        ("MATOME_SITE_URL", "https://"),
        ("MATOME_SITE_URL", "http://[::1"),
        ("MATOME_DATA", "x" * 5000),
        ("MATOME_DATA", "~nobody-of-this-name/data"),
        ("MATOME_LANGUAGE", "JA"),
        ("MATOME_ARCHIVE", "https://example.org/blog.git"),
        ("MATOME_STATE_URL", "sqlite:///"),
        ("MATOME_STATE_URL", "sqlite:///state?mode=ro"),
        ("MATOME_STATE_URL", "state.sqlite3"),
        ("MATOME_STATE_URL", "mysql://u@host/name"),
        ("MATOME_STATE_URL", "postgresql+asyncpg://u@host/name"),
        ("MATOME_STATE_URL", "postgresql://u@host:port/name"),
        ("MATOME_STATE_URL", "postgresql://u@host/na\0me"),
        ("MATOME_LATE_HOURS", "0"),
        ("MATOME_LATE_HOURS", "169"),
        ("MATOME_KEEP_DAYS", "-1"),
        ("MATOME_KEEP_DAYS", "９"),
        ("MATOME_KEEP_DAYS", "9" * 5000),
        ("MATOME_MAX_SUBSCRIPTIONS", "1.5"),
    ],
)
def test_a_wrong_value_is_one_fault(name: str, value: str) -> None:
    assert len(faults({name: value})) == 1


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("", Path("data/state.sqlite3")),
        ("sqlite:///some/state", Path("some/state")),
        ("sqlite:////srv/a%20state", Path("/srv/a state")),
        ("postgresql://u:p@host:5433/name", Server("postgresql://u:p@host:5433/name")),
        ("postgres:///name?host=/run", Server("postgres:///name?host=/run")),
    ],
)
def test_the_state_is_in_a_file_or_on_a_server(value: str, state: Path | Server) -> None:
    assert load({"MATOME_STATE_URL": value}, NO_FILE).state == state


def test_a_password_is_not_shown() -> None:
    settings = load({"MATOME_STATE_URL": "postgresql://u:topsecret@host/name"}, NO_FILE)
    assert "topsecret" not in repr(settings)
    (fault,) = faults({"MATOME_STATE_URL": "postgresql://u:topsecret@host:x/name"})
    assert "MATOME_STATE_URL" in fault
    assert "topsecret" not in fault


def test_numbers_have_their_units() -> None:
    settings = load(
        {
            "MATOME_LATE_HOURS": "6",
            "MATOME_KEEP_DAYS": "30",
            "MATOME_MAX_SUBSCRIPTIONS": "3",
        },
        NO_FILE,
    )
    assert (settings.late, settings.keep) == (timedelta(hours=6), timedelta(days=30))
    assert settings.max_subscriptions == 3


def test_a_name_that_begins_like_ours_but_means_nothing_is_noticed() -> None:
    settings: Settings = load({"MATOME_LANG": "en", "OTHER": "x"}, NO_FILE)
    assert settings.unknown == ("MATOME_LANG",)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"MATOME_LANGUAGE=\xff\n", "not UTF-8"),
        ("MATOME_LANGUAGE=en\n".encode("utf-16"), "not UTF-8"),
        (b"MATOME_LANGUAGE=en\n\nTOKEN='topsecret\n", "line 3"),
        (b"= topsecret\n", "line 1"),
        (b"MATOME_DATA=a\0topsecret\n", "line 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_what_stands_in_it(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    (fault,) = faults({}, file)
    assert complaint in fault
    assert str(file) in fault
    assert "topsecret" not in fault


def test_a_directory_in_the_place_of_the_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert "cannot be read" in faults({}, tmp_path / ".env")[0]


def test_the_program_reads_the_file_in_its_directory(matome: Matome, small_blog: Blog) -> None:
    (matome.cwd / ".env").write_text(f"MATOME_ARCHIVE={small_blog.root}\nMATOME_TIMEZONE=Nowhere\n")
    done = matome("sync", env={"MATOME_ARCHIVE": "", "MATOME_LANGUAGE": "xx"})
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines() == [
        "error: MATOME_LANGUAGE must be one of ja / en (it is “xx”).",
        "error: MATOME_TIMEZONE: there is no time zone “Nowhere”. For example: Asia/Tokyo",
    ]


TOKEN = "a.token.of-no-real-bot-at-all"  # noqa: S105 (of no real bot)


def test_a_discord_token_makes_a_bot_of_it_and_is_shown_nowhere() -> None:
    settings = load({"DISCORD_TOKEN": f" {TOKEN}\n", "DISCORD_SHARDS": "0-3/16"}, NO_FILE)
    assert settings.discord is not None
    assert settings.discord.token == TOKEN
    assert settings.discord.shards == ((0, 1, 2, 3), 16)
    assert TOKEN not in repr(settings)
    assert load({"DISCORD_SHARDS": "2/3"}, NO_FILE).discord is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "Bot secret-that-nobody-is-to-see"),
        ("DISCORD_TOKEN", "short"),
        *[("DISCORD_SHARDS", value) for value in ("4", "4/4", "3-1/8", "0-8/8", "a/b", "0/0")],
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg"),
    ],
)
def test_what_is_wrong_about_discord_is_told_without_the_token(name: str, value: str) -> None:
    (fault,) = faults({name: value})
    assert name in fault
    assert "TOKEN" not in name or value not in fault


KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
BOT, APP = "xoxb-1-of-no-real-app", "xapp-1-of-no-real-app"
SIGNING = "0123456789abcdef"
MANY = {
    "SLACK_CLIENT_ID": "123.456",
    "SLACK_CLIENT_SECRET": "fedcba9876543210",
    "SLACK_SIGNING_SECRET": SIGNING,
    "MATOME_HTTP": ":8080",
    "MATOME_SECRET_KEY": KEY,
}


def test_two_tokens_are_enough_for_slack_and_are_shown_nowhere() -> None:
    settings = load({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": f"{APP}\n"}, NO_FILE)
    assert settings.slack is not None
    assert (settings.slack.bot_token, settings.slack.app_token) == (BOT, APP)
    assert settings.slack.oauth is None
    assert BOT not in repr(settings)
    assert APP not in repr(settings)
    assert load({"SLACK_SIGNING_SECRET": SIGNING}, NO_FILE).slack is None


def test_one_workspace_over_http() -> None:
    given = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING, "MATOME_HTTP": "[::1]:80"}
    settings = load(given, NO_FILE)
    assert settings.slack is not None
    assert settings.slack.signing_secret == SIGNING
    assert settings.http == ("::1", 80)


def test_many_workspaces_are_installed_by_oauth() -> None:
    settings = load(MANY, NO_FILE)
    assert settings.slack is not None
    assert settings.slack.oauth is not None
    assert settings.slack.oauth.client_id == "123.456"
    assert settings.http == ("0.0.0.0", 8080)  # noqa: S104 (what was asked for)
    assert settings.secret_keys == (b"01234567890123456789012345678901",)
    for secret in (SIGNING, MANY["SLACK_CLIENT_SECRET"], KEY, "0123456789012345"):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"SLACK_BOT_TOKEN": BOT}, ["SLACK_APP_TOKEN"]),
        ({"SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": BOT, "MATOME_HTTP": ":80"}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING}, ["MATOME_HTTP"]),
        *[
            ({name: value for name, value in MANY.items() if name != lacking}, [lacking])
            for lacking in MANY
            if lacking != "SLACK_CLIENT_ID"
        ],
    ],
)
def test_what_slack_needs_besides_is_named(given: dict[str, str], lacking: list[str]) -> None:
    (fault,) = faults(given)
    # What follows names the shortest way.
    assert all(name in fault.split(".")[0] for name in lacking)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-the-wrong-one"),
        ("SLACK_APP_TOKEN", "xoxb-the-wrong-one"),
        ("SLACK_SIGNING_SECRET", "not a secret"),
        ("SLACK_API_URL", "slack.com/api"),
        ("MATOME_SECRET_KEY", "c2hvcnQ="),
        ("MATOME_HTTP", "8080/x"),
        ("MATOME_HTTP", "localhost:99999"),
        ("MATOME_MANAGERS", "everybody"),
    ],
)
def test_what_is_wrong_is_told_and_no_secret(name: str, value: str) -> None:
    first, *_ = faults({name: value})
    assert name in first
    assert not name.endswith(("TOKEN", "SECRET", "KEY")) or value not in first


def test_keys_are_changed_by_putting_the_new_one_in_front() -> None:
    assert len(load({"MATOME_SECRET_KEY": f"{KEY}, {KEY}"}, NO_FILE).secret_keys) == 2


@pytest.mark.parametrize("given", ["user:p%40ss-word", "p%40ss-word"])
def test_what_opens_a_repository_is_shown_nowhere(tmp_path: Path, given: str) -> None:
    archive = f"git+https://{given}@example.org/blog.git"
    settings = load({"MATOME_ARCHIVE": archive}, tmp_path / ".env")
    assert set(settings.secrets) == {"p%40ss-word", "p@ss-word"}
    for shown in (repr(settings), str(settings), settings.archive.name):
        assert "ss-word" not in shown
