"""Points in time as the clients write them for a Japanese reader in Tokyo."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from docs.pictures.nodes import UnknownError

_HERE = ZoneInfo("Asia/Tokyo")


def local(seconds: int) -> datetime:
    """The local time of seconds since 1970 (UTC)."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_HERE)


def discord_time(seconds: int, style: str) -> str:
    """A time in one of Discord's styles, as its Japanese client writes it."""
    at = local(seconds)
    match style:
        case "d":
            return f"{at:%Y/%m/%d}"
        case "f":
            return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
        case _:
            raise UnknownError(f"style of a time: {style}")


def slack_time(seconds: int, form: str) -> str:
    """A time in a form of Slack's."""
    at = local(seconds)
    shown = form.replace("{date_short}", f"{at.year}年{at.month}月{at.day}日").replace(
        "{time}", f"{at:%H:%M}"
    )
    if "{" in shown:
        raise UnknownError(f"form of a time: {form}")
    return shown
