"""The address of a database on a server, whose password is shown nowhere."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server, as a URL: postgresql://user:password@host:port/name.

    Raises ValueError for one of another form, without showing it.
    """

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            is_right = parts.scheme in ("postgresql", "postgres") and parts.port != 0
        except ValueError:
            is_right = False
        if not is_right or "\0" in self.url:
            # What is raised while it is parsed may hold a part of the password.
            raise ValueError("not an address of a PostgreSQL database") from None

    @property
    def passwords(self) -> tuple[str, ...]:
        """The password as it is and as it is written in the address; none where there is none."""
        written = urlsplit(self.url).password
        return (written, unquote(written)) if written else ()

    def __str__(self) -> str:
        """The address without the password and the options, one of which may be a password."""
        parts = urlsplit(self.url)
        before, _, host = parts.netloc.rpartition("@")
        user = before.partition(":")[0]
        return f"postgresql://{user and user + '@'}{host}{parts.path}"
