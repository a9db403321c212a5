"""Who asks too fast is asked to wait; everybody else is not."""

from bot.chat.floods import REMEMBERED, REQUESTS, SECONDS, Floods
from bot.errors import UserError


def waits(floods: Floods, person: str, now: float) -> int | None:
    """How long a person is asked to wait, None where they are answered."""
    try:
        floods.check(person, now)
    except UserError as error:
        assert error.key == "chat.flood"
        seconds = error.details["seconds"]
        assert isinstance(seconds, int)
        return seconds
    return None


def test_twenty_requests_in_half_a_minute_are_answered() -> None:
    floods = Floods()
    assert [waits(floods, "a", n) for n in range(REQUESTS)] == [None] * REQUESTS
    assert waits(floods, "a", 20.0) == 10
    assert waits(floods, "a", 29.9) == 1


def test_waiting_helps_and_asking_meanwhile_does_not_make_it_longer() -> None:
    floods = Floods()
    for _ in range(REQUESTS):
        floods.check("a", 0.0)
    assert all(waits(floods, "a", n) for n in range(1, 30))
    assert waits(floods, "a", SECONDS) is None


def test_others_are_answered_meanwhile() -> None:
    floods = Floods()
    for _ in range(REQUESTS):
        floods.check("a", 0.0)
    assert waits(floods, "a", 0.0) is not None
    assert waits(floods, "b", 0.0) is None


def test_the_memory_is_bounded_and_forgets_the_quiet_ones() -> None:
    floods = Floods(requests=1)
    for n in range(REMEMBERED):
        floods.check(str(n), 0.0)
    assert waits(floods, "0", 1.0) is not None
    floods.check("new", 1.0)
    assert waits(floods, "0", 1.0) is not None
    assert waits(floods, "1", 1.0) is None


def test_whose_requests_do_not_count_any_more_is_forgotten() -> None:
    floods = Floods()
    for n in range(1_000):
        floods.check(str(n), 0.0)
    for n in range(1_000):
        floods.check("again", SECONDS + 10 * n)
    assert floods.known == 1
