"""How Slack says no: a code, and what belongs to it."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - not an error of ours
    """`{"ok": false, "error": code}`, with more fields where Slack sends them."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(f"{code} {more}" if more else code)
        self.code = code
        self.more = more

    @property
    def body(self) -> Json:
        return {"ok": False, "error": self.code, **self.more}


class Limited(Exception):  # noqa: N818 - not an error of ours
    """429; `seconds` is what Retry-After says."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"ratelimited for {seconds} s")
        self.seconds = seconds


def invalid_blocks(faults: list[str]) -> Refusal:
    """What is wrong with a message's blocks."""
    messages = [f"[ERROR] {fault}" for fault in faults]
    return Refusal("invalid_blocks", errors=faults, response_metadata={"messages": messages})


def invalid_arguments(faults: list[str]) -> Refusal:
    messages = [f"[ERROR] {fault}" for fault in faults]
    return Refusal("invalid_arguments", response_metadata={"messages": messages})


def missing_argument(name: str) -> Refusal:
    return invalid_arguments([f"missing required field: {name} [json-pointer:/{name}]"])
