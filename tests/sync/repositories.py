"""Real git repositories, and a real server for them on this machine."""

import base64
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.blog import Blog

IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Author"), ("EMAIL", "author@example.org"))
}


def git(directory: Path, *arguments: str) -> str:
    """Run git without anybody's own configuration; returns what it printed."""
    environment = os.environ | IDENTITY | {"GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


@dataclass(frozen=True, slots=True)
class Repository:
    """A blog under version control."""

    blog: Blog

    @classmethod
    def create(cls, root: Path) -> "Repository":
        """An empty repository whose branch is called main."""
        root.mkdir(parents=True)
        git(root, "init", "--quiet", "--initial-branch=main")
        return cls(Blog(root))

    @property
    def setting(self) -> str:
        """What MATOME_ARCHIVE is set to for it."""
        return f"git+file://{self.blog.root}"

    def git(self, *arguments: str) -> str:
        """Run git in it."""
        return git(self.blog.root, *arguments)

    def commit(self, *, amend: bool = False) -> None:
        """Commit everything as it is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x", *(["--amend"] if amend else []))


@dataclass(slots=True)
class Server:
    """`git http-backend` behind a port of its own, which may ask for a password or never answer.

    `on_request` is called with each request, while git waits for the answer. `told` gets the names
    and passwords that come, and `leads_to` is another server that everybody is sent to.
    """

    root: Path
    password: str | None = None
    hangs: bool = False
    on_request: Callable[[], None] = lambda: None
    told: list[str] = field(default_factory=list)
    leads_to: str | None = None
    asked: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Serve until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.stopped.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked.set()
                served.on_request()
                served.told.append(self.headers.get("Authorization", ""))
                if served.leads_to is not None:
                    self.send_response(302)
                    self.send_header("Location", served.leads_to + self.path)
                    self.end_headers()
                    return
                if served.hangs:
                    served.stopped.wait()
                    return
                if served.password is None or self._authorised():
                    self._answer()
                else:
                    self._refuse()

            do_POST = do_GET  # noqa: N815

            def _authorised(self) -> bool:
                wanted = base64.b64encode(f"user:{served.password}".encode()).decode()
                return self.headers.get("Authorization") == f"Basic {wanted}"

            def _refuse(self) -> None:
                """Ask for the password; a wrong one is told back, as careless servers do."""
                _, _, given = self.headers.get("Authorization", "").partition(" ")
                self.send_response(403 if given else 401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                self.wfile.write(b"who is " + base64.b64decode(given) + b"?")

            def _answer(self) -> None:
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=self.rfile.read(length),
                    capture_output=True,
                    check=True,
                    env=os.environ
                    | {
                        "GIT_PROJECT_ROOT": str(served.root),
                        "GIT_HTTP_EXPORT_ALL": "1",
                        "PATH_INFO": path,
                        "QUERY_STRING": query,
                        "REQUEST_METHOD": self.command,
                        "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                        "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                        "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    },
                )
                head, _, body = done.stdout.partition(b"\r\n\r\n")
                fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
                status = next((value for name, value in fields if name == "Status"), "200 OK")
                self.send_response(int(status.split()[0]))
                for name, value in fields:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
