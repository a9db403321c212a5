"""Days and months as people write them, the same on all platforms."""

from datetime import date, datetime

from bot.locales import Texts


def day_text(day: date, texts: Texts) -> str:
    """A day with its year, such as 2025年7月2日 or Jul 2, 2025."""
    return texts("chat.day", year=day.year, month=_month(day, texts), day=day.day)


def month_text(day: date, texts: Texts) -> str:
    """The month of a day with its year, such as 2025年7月 or Jul 2025."""
    return texts("chat.month_and_year", year=day.year, month=_month(day, texts))


def post_day(at: datetime, exact: bool, texts: Texts) -> str:
    """A post's day as the archive has it, in no zone; its month where no more is known."""
    return (day_text if exact else month_text)(at.date(), texts)


def named_month(month: str, texts: Texts) -> str:
    """A month such as "2025-07" as people write it."""
    return month_text(date.fromisoformat(f"{month}-01"), texts)


def _month(day: date, texts: Texts) -> str:
    return texts("chat.months_of_year").split("|")[day.month - 1]
