"""Whether a bot says that it is ready, by its own HTTP server."""

import socket
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from benchmarks.processes import CommandFailedError

PAUSE = 0.005
# For one answer, and until it is ready, in seconds.
ANSWER, SECONDS = 5.0, 60.0


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int) -> Mapping[str, str]:
    """The environment of a bot that says there whether it is ready."""
    return {"MATOME_HTTP": f"127.0.0.1:{port}"}


def is_ready(port: int) -> bool:
    """Whether it says so just now."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def until_ready(process: "subprocess.Popen[str] | subprocess.Popen[bytes]", port: int) -> None:
    """Wait until it says so. Raises CommandFailedError where it ends instead, or takes too long."""
    ends = time.monotonic() + SECONDS
    while not is_ready(port):
        if process.poll() is not None or time.monotonic() > ends:
            raise CommandFailedError(f"the bot was not ready within {SECONDS:.0f} s, or has ended")
        time.sleep(PAUSE)
