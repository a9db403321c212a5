"""Whoever stands between the bot and a platform learns nothing: certificates are looked at."""

import asyncio
import ssl
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.blog import Blog
from tests.commands import SECONDS, Matome
from tests.discord.program import WARNINGS as DISCORD_WARNINGS
from tests.slack.program import running


@asynccontextmanager
async def pretender(tmp_path: Path) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server with a certificate that nobody has signed; what it was told inside."""
    told: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(await reader.read(1000))
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "pretender.pem"))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], told


def certificate(file: Path) -> Path:
    """A key and the certificate that it has signed for itself, for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(written + made.public_bytes(pem))
    return file


async def complained(process: Process, about: bytes) -> bytes:
    """What a program says until it speaks of something."""
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(SECONDS):
        while about not in said:
            line = await process.stderr.readline()
            assert line, said
            said += line
    return said


@pytest.mark.parametrize(
    "settings",
    [
        {"DISCORD_TOKEN": "a.token.of-a-bot", "DISCORD_API_URL": "https://127.0.0.1:{port}/api"},
        {
            "SLACK_BOT_TOKEN": "xoxb-of-no-bot",
            "SLACK_APP_TOKEN": "xapp-of-no-app",
            "SLACK_API_URL": "https://127.0.0.1:{port}/api/",
        },
    ],
    ids=["Discord", "Slack"],
)
async def test_no_token_goes_to_who_cannot_show_who_they_are(
    matome: Matome, small_blog: Blog, tmp_path: Path, settings: dict[str, str]
) -> None:
    assert matome("sync").status == 0
    async with pretender(tmp_path) as (port, told):
        given = {name: value.format(port=port) for name, value in settings.items()}
        given["PYTHONWARNINGS"] = DISCORD_WARNINGS
        async with running(matome, given) as process:
            await complained(process, b"certificate")
        assert b"".join(told) == b""


async def test_no_archive_is_taken_from_who_cannot_show_who_they_are(
    tmp_path: Path,
) -> None:
    async with pretender(tmp_path) as (port, told):
        matome = Matome(f"git+https://u:secret@127.0.0.1:{port}/x.git", tmp_path / "d", tmp_path)
        done = await asyncio.to_thread(matome, "sync")
        assert done.status == 1
        assert "certificate" in done.err
        assert b"".join(told) == b""
