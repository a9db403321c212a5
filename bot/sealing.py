"""Secrets that are kept in the state: encrypted with a key that is not there."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence

from bot.errors import OperatorError

KEY_BYTES = 32


class Sealer:
    """Encrypts texts, so that whoever has them without the key can neither read nor change them.

    Of several keys the first one encrypts, and all of them decrypt: a new one is put in front, and
    the old one is taken away once everything was sealed anew. `keys` are of 32 bytes each.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        # Imported only now: it takes long, and only an app that anybody may install has secrets.
        from cryptography.fernet import Fernet, MultiFernet

        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])

    def seal(self, text: str) -> str:
        """A text encrypted; every time another one."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The text as it was. Raises OperatorError where it was sealed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise OperatorError("settings.other_key") from error


def key_of(text: str) -> bytes:
    """A key as it is written in the settings: 32 bytes in base64. Raises ValueError."""
    try:
        key = b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except ValueError as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes")
    return key
