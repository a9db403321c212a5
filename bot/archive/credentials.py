"""Names and passwords in the addresses of repositories: git gets them, nobody else sees them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

# Git asks this for a name and a password. Both lie in its environment, which only its user and the
# administrator can read, unlike its arguments; `printf` is the shell's own, no process either.
_HELPER = (
    '!f() { test "$1" != get || '
    """printf 'username=%s\\npassword=%s\\n' "$MATOME_GIT_USER" "$MATOME_GIT_PASSWORD"; }; f"""
)


@dataclass(frozen=True, slots=True)
class Address:
    """A repository's address as others may see it, and what git needs to know besides."""

    url: str
    environment: Mapping[str, str] = field(repr=False)


def address_of(url: str, inherited: Mapping[str, str]) -> Address:
    """An address whose name and password, where they are meant for HTTP, are in the environment.

    `inherited` is the environment that git gets otherwise. What is in other addresses is no secret:
    ssh has keys.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.username is None:
        return Address(url, {})
    bare = without_password(url)
    host = urlunsplit(urlsplit(bare)._replace(path="", query="", fragment=""))
    name = unquote(parts.username)
    if parts.password is None:
        return Address(bare, _configured({f"credential.{host}.username": name}, inherited))
    # Only for this host: others to which it leads get nothing. Nobody else is asked, nor told.
    settings = {"credential.helper": "", f"credential.{host}.helper": _HELPER}
    known = {"MATOME_GIT_USER": name, "MATOME_GIT_PASSWORD": unquote(parts.password)}
    return Address(bare, {**known, **_configured(settings, inherited)})


def without_password(url: str) -> str:
    """An address without what stands before its host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # No address at all, so it is not known where a password would be.
        return re.sub(r"//.*@", "//", url)
    if parts.password is None and (parts.username is None or parts.scheme == "ssh"):
        return url
    return urlunsplit(parts._replace(netloc=re.sub(r"^.*@", "", parts.netloc)))


def secrets_of(url: str) -> set[str]:
    """What of an address must not be shown, as it is written and as it is meant."""
    parts = urlsplit(url)
    if parts.password is None and (parts.username is None or parts.scheme == "ssh"):
        return set()
    # Where there is no password, the user's name is a token.
    secret = parts.password or parts.username or ""
    return {secret, unquote(secret)} - {""}


def _configured(settings: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Settings of git as variables, behind those that there are (git-config, GIT_CONFIG_COUNT)."""
    given = inherited.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    made = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (name, value) in enumerate(settings.items(), first):
        made |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return made
