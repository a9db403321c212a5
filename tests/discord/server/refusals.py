"""What Discord answers when it does not do what it is asked: a status, a code, a form's faults."""

from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]


class Refusal(Exception):  # noqa: N818 - an answer
    """An answer that is no success; `code` is Discord's own, 0 where it has none."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}")
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    return Refusal(404, 0, "404: Not Found")


def unknown(what: str) -> Refusal:
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Webhook": 10015,
        "interaction": 10062,
    }
    return Refusal(404, codes[what], f"Unknown {what}")


def missing_access() -> Refusal:
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, "Missing Permissions")


class Form:
    """Gathers all that is wrong with a body, in the tree that Discord tells it in."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, path: Path, code: str, message: str) -> None:
        node = self._errors
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: Path) -> None:
        self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")

    def length(self, path: Path, value: Any, low: int, high: int) -> None:
        """A text or a list of so many characters or items."""
        if value is None and low:
            self.required(path)
        elif value is not None and not isinstance(value, str | list):
            self.wrong(path, "BASE_TYPE_BAD_TYPE", "Could not be interpreted as string or list.")
        elif value is not None:
            size = len(value.strip()) if isinstance(value, str) and low else len(value)
            if low and not (size >= low and len(value) <= high):
                message = f"Must be between {low} and {high} in length."
                self.wrong(path, "BASE_TYPE_BAD_LENGTH", message)
            elif len(value) > high:
                message = f"Must be {high} or fewer in length."
                self.wrong(path, "BASE_TYPE_MAX_LENGTH", message)

    def number(self, path: Path, value: Any, low: int, high: int) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < low:
            message = f"int value should be greater than or equal to {low}."
            self.wrong(path, "NUMBER_TYPE_MIN", message)
        elif value > high:
            self.wrong(
                path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}."
            )

    def one_of(self, path: Path, value: Any, choices: tuple[Any, ...]) -> None:
        if value is not None and value not in choices:
            self.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{_listed(choices)}}}.")

    def kind(self, path: Path, value: Any, choices: tuple[int, ...]) -> bool:
        if value in choices:
            return True
        message = f'Value of field "type" must be one of ({_listed(choices)}).'
        self.wrong((*path, "type"), "UNION_TYPE_CHOICES", message)
        return False

    def url(self, path: Path, value: Any, schemes: tuple[str, ...], high: int) -> None:
        self.length(path, value, 1, high)
        if isinstance(value, str) and value.split(":", 1)[0] not in schemes:
            message = f"Scheme is not supported. Scheme must be one of {schemes}."
            self.wrong(path, "URL_TYPE_INVALID_SCHEME", message)

    @property
    def clean(self) -> bool:
        return not self._errors

    def check(self) -> None:
        """Refuse the body if anything was wrong."""
        if self._errors:
            raise Refusal(400, 50035, "Invalid Form Body", self._errors)


def _listed(choices: tuple[Any, ...]) -> str:
    return ", ".join(map(repr, choices))
