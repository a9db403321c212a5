"""Secrets in the state: read back with their key, and with no other."""

import secrets
from base64 import b64encode, urlsafe_b64encode

import pytest

from bot.errors import OperatorError
from bot.sealing import Sealer, key_of

KEY, OTHER = (secrets.token_bytes(32) for _ in range(2))


def test_what_was_sealed_is_read_back_and_does_not_show_itself() -> None:
    sealer = Sealer([KEY])
    sealed = sealer.seal("xoxb-秘密")
    assert sealer.unseal(sealed) == "xoxb-秘密"
    assert "xoxb" not in sealed
    assert sealer.seal("xoxb-秘密") != sealed


def test_another_key_reads_nothing() -> None:
    sealed = Sealer([KEY]).seal("x")
    with pytest.raises(OperatorError):
        Sealer([OTHER]).unseal(sealed)


@pytest.mark.parametrize("damaged", ["", "x", "gAAAA"])
def test_what_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(OperatorError):
        Sealer([KEY]).unseal(damaged)


def test_a_changed_text_is_refused() -> None:
    sealed = Sealer([KEY]).seal("x" * 50)
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    with pytest.raises(OperatorError):
        Sealer([KEY]).unseal(changed)


def test_a_new_key_in_front_reads_what_the_old_one_sealed() -> None:
    old = Sealer([KEY]).seal("x")
    both = Sealer([OTHER, KEY])
    assert both.unseal(old) == "x"
    assert Sealer([OTHER]).unseal(both.seal("x")) == "x"


def test_keys_are_written_in_either_base64() -> None:
    key = bytes([0xFB, 0xEF]) + KEY[2:]
    assert key_of(b64encode(key).decode()) == key
    assert key_of(urlsafe_b64encode(key).decode() + "\n") == key


@pytest.mark.parametrize("wrong", ["", "short", b64encode(b"x" * 31).decode(), "ü" * 44])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not"):
        key_of(wrong)
