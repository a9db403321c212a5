"""The codes of buttons: every action there and back, and nothing but that."""

import itertools
import random
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import intent as intents
from bot.chat.codes import KEPT, MAX_BYTES, TAGS, Codes, effect_of, is_code, written
from bot.errors import UserError
from bot.intent import FormIntent, Intent, Month, OpenPost, ReadComments, Search, Unfold
from bot.model import post_key
from bot.view import Action, Effect
from tests.codes import MemoryCodes

NOW = datetime(2026, 1, 31, tzinfo=UTC)
KEY = post_key("2025_06_10_gpu_memory")


numbers = st.integers(0, 999_999_999)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
months = st.builds("{:04}-{:02}".format, st.integers(0, 9999), st.integers(1, 12))
keys = st.text(st.characters(), max_size=20).map(post_key)
subscriptions = st.from_regex(r"[a-z0-9]{1,16}", fullmatch=True)
# Fields that do not take all that their type has.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "month": months,
    "post": keys,
    "comment": st.integers(1, 999_999_999),
    "subscription": subscriptions,
}
TYPES: dict[object, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: numbers,
    str: texts,
    int | None: st.none() | numbers,
}


def intents_of(made: type[Intent]) -> st.SearchStrategy[Intent]:
    given_fields = {
        field.name: VALUES[field.name] if field.name in VALUES else TYPES[field.type]
        for field in fields(made)
    }
    return st.builds(made, **given_fields)


ELSEWHERE = [effect for effect in Effect if effect not in (Effect.THREAD, Effect.FORM)]
actions = (
    st.builds(
        Action,
        st.one_of([intents_of(made) for made in TAGS.values() if made is not Unfold]),
        st.sampled_from(ELSEWHERE),
    )
    | st.builds(Action, intents_of(Unfold), st.just(Effect.THREAD))
    | st.builds(
        Action, st.one_of([intents_of(made) for made in get_args(FormIntent)]), st.just(Effect.FORM)
    )
)


async def code_of(action: Action, store: MemoryCodes | None = None) -> str:
    return (await Codes(store or MemoryCodes()).encode([action], NOW))[action]


async def refusal(code: str, store: MemoryCodes | None = None, now: datetime = NOW) -> str:
    with pytest.raises(UserError) as refused:
        await Codes(store or MemoryCodes()).decode(code, now)
    return refused.value.key


def test_every_intent_has_a_tag_of_its_own() -> None:
    assert set(TAGS.values()) == set(get_args(Intent))
    assert all(1 <= len(tag) <= 2 and tag.isalpha() for tag in TAGS)


@given(action=actions)
async def test_every_action_comes_back_from_its_code(action: Action) -> None:
    store = MemoryCodes()
    code = await code_of(action, store)
    assert len(code.encode()) <= MAX_BYTES
    assert code == code.strip()
    assert is_code(code)
    assert await Codes(store).decode(code, NOW) == action


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        (Action(OpenPost(KEY)), f"rp:{KEY}"),
        (Action(Search("ローカル LLM", 20), Effect.SHARE), "sq:ローカル LLM:20"),
        (Action(Search("50%: ~a")), "rq:50%25%3A ~a"),
        (Action(Search(" a\n")), "rq:%20a%0A"),
        (Action(ReadComments(KEY, 12, 340), Effect.OPEN), f"oc:{KEY}:12:340"),
        (Action(Unfold(KEY), Effect.THREAD), f"tu:{KEY}"),
        (Action(Unfold(KEY, None, share=True), Effect.THREAD), f"tu:{KEY}::1"),
        (Action(Month("2025-06")), "rm:2025-06"),
        (Action(intents.Help()), "rh"),
        (Action(OpenPost(KEY, 7), Effect.OPEN), f"op:{KEY}:7"),
        (Action(Unfold(KEY, 1, digest=7), Effect.THREAD), f"tu:{KEY}:1:0:7"),
        (Action(intents.ReadDigest(7, 2), Effect.OPEN), "od:7:2"),
        (Action(intents.DigestSettings("k3v9x2ab"), Effect.OPEN), "ods:k3v9x2ab"),
        (Action(intents.PauseDigest("k3v9x2ab", resume=True)), "rdp:k3v9x2ab:1"),
        (Action(intents.AddDigest(personal=True)), "rda::::::::::::1"),
        (Action(intents.EditDigest("k3v9x2ab", posts="3")), "rde:k3v9x2ab::::::3"),
        (Action(intents.EditDigest("k3v9x2ab"), Effect.FORM), "fde:k3v9x2ab"),
        (Action(intents.AddDigest(), Effect.FORM), "fda"),
        (Action(Search("gpu"), Effect.FORM), "fq:gpu"),
    ],
)
def test_a_payload_is_short_and_readable(action: Action, payload: str) -> None:
    # Messages with these codes are out there: what they mean must never change.
    assert written(action) == payload


async def test_the_codes_of_yesterday_are_understood() -> None:
    # Written down on the day the format was made.
    assert await Codes(MemoryCodes()).decode("1rq:gpu~xX_3KQ", NOW) == Action(Search("gpu"))


async def test_what_is_too_long_is_kept_for_thirty_days() -> None:
    action = Action(Search("とても長い検索の言葉" * 20))
    store = MemoryCodes()
    code = await code_of(action, store)
    assert len(store.kept) == 1
    assert await Codes(store).decode(code, NOW + KEPT - timedelta(seconds=1)) == action
    assert await refusal(code, store, NOW + KEPT) == "code.expired"
    assert await refusal(code, MemoryCodes()) == "code.expired"
    # The same button has the same code everywhere.
    assert code == await code_of(action)


async def test_the_effect_is_known_before_anything_is_looked_up() -> None:
    for action in (Action(Search("x" * 300), Effect.SHARE), Action(OpenPost(KEY), Effect.OPEN)):
        assert effect_of(await code_of(action)) is action.effect
    with pytest.raises(UserError, match=r"code\.damaged"):
        effect_of("1rq:gpu~xxxxxx")


async def test_a_kept_action_keeps_its_effect() -> None:
    store = MemoryCodes()
    code = await code_of(Action(Search("x" * 300)), store)
    assert await refusal(_signed("s" + code[2:].split("~")[0]), store) == "code.damaged"


async def test_only_what_is_too_long_is_kept() -> None:
    store = MemoryCodes()
    await Codes(store).encode([Action(Search("あ" * 27)), Action(OpenPost(KEY))], NOW)
    assert store.kept == {}


async def test_a_kept_payload_is_read_as_strictly_as_any() -> None:
    store = MemoryCodes()
    code = await code_of(Action(Search("x" * 200)), store)
    for payload in ("rz:1", "*AAAAAAAAAAA", "", "rq:a:00"):
        store.kept = dict.fromkeys(store.kept, (payload, NOW + KEPT))
        assert await refusal(code, store) == "code.damaged"


async def test_a_hundred_thousand_damaged_codes_are_refused() -> None:
    chance = random.Random(20260131)
    codes = [
        await code_of(action)
        for action in (
            Action(OpenPost(KEY)),
            Action(ReadComments(KEY, 80, 1200)),
            Action(Search("ローカル LLM")),
            Action(Month("2025-06"), Effect.SHARE),
            Action(intents.Help()),
        )
    ]
    decoder = Codes(MemoryCodes())
    damaged = (_damaged(chance.choice(codes), chance) for _ in itertools.count())
    for code in itertools.islice((code for code in damaged if code not in codes), 100_000):
        with pytest.raises(UserError, match=r"code\.(damaged|other_version|expired)"):
            await decoder.decode(code, NOW)


def _damaged(code: str, chance: random.Random) -> str:
    at = chance.randrange(len(code))
    other = chr(chance.choice([chance.randrange(32, 127), chance.randrange(0x3042, 0x9FFF)]))
    match chance.randrange(5):
        case 0:
            return code[:at] + code[at + 1 :]
        case 1:
            return code[:at] + other + code[at + 1 :]
        case 2:
            return code[:at] + other + code[at:]
        case 3:
            return code[:at]
        case _:
            return code[at:] + code[:at]


@given(text=st.text(max_size=120))
async def test_any_text_is_answered(text: str) -> None:
    if not is_code(text):
        assert await refusal(text) == "code.damaged"


@given(
    head=st.sampled_from(["r", "o", "s", "t", "f", "z", ""]),
    tag=st.sampled_from([*TAGS, "z", "*", ""]),
    parts=st.lists(st.text(max_size=12) | numbers.map(str) | keys, max_size=5),
)
async def test_a_forged_code_is_an_action_or_refused(head: str, tag: str, parts: list[str]) -> None:
    payload = ":".join([head + tag, *parts])
    forged = _signed(payload)
    try:
        action = await Codes(MemoryCodes()).decode(forged, NOW)
    except UserError as error:
        assert error.key in ("code.damaged", "code.expired")
    else:
        assert written(action) == payload


def _signed(payload: str, version: str = "1") -> str:
    """A code with the right check, as anybody can make one."""
    from bot.chat.codes import _check

    return f"{version}{payload}~{_check(version + payload)}"


@pytest.mark.parametrize(
    "payload",
    [
        "rp:short",
        f"rp:{KEY}:",
        f"rp:{KEY}:x",
        f"rp:{KEY}:1:1",
        f"rc:{KEY}:-1",
        f"rc:{KEY}:0",
        f"ru:{KEY}",
        f"su:{KEY}",
        "th",
        "fh",
        "fds:k3v9x2ab",
        "fde:",
        f"tp:{KEY}",
        "rq:%ED%A0%80",
        f"rc:{KEY}:01",
        f"rc:{KEY}:１",
        f"rc:{KEY}:9999999999",
        f"rc:{KEY}:1:0",
        "rm:2025-13",
        "rq",
        "rq:a:b",
        "rq:%zz",
        "rq:%ff",
        "rq:%41",
        f"tu:{KEY}::2",
        "rds:",
        "rds:k3-9x",
        f"rds:{'k' * 33}",
        "tds:k3v9x2ab",
        "rdp:k3v9x2ab:0",
        "rd",
        "rd:-1",
        "Rh",
        "rhh",
    ],
)
async def test_a_forged_code_that_no_button_has_is_refused(payload: str) -> None:
    assert await refusal(_signed(payload)) == "code.damaged"


async def test_a_code_of_another_version_is_told_apart_from_a_damaged_one() -> None:
    assert await refusal(_signed("rh", "2")) == "code.other_version"
    assert is_code(_signed("rh", "2"))


def test_a_query_is_no_code() -> None:
    for text in ("gpu", "1rq:gpu~aaaaaa", "~", "", "1~aaaaaa"):
        assert not is_code(text)
