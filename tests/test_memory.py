"""All threads of a program share one heap, and what is free in it goes back to the system."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc only")

# Threads that take blocks at the same time, as SQLite does; prints how many heaps there are.
_HEAPS = """
import ctypes, re, sys, tempfile, threading
from bot.running.memory import share_one_heap
if sys.argv[1] == "shared":
    share_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
together = threading.Barrier(6)
def take():
    together.wait()
    for _ in range(100):
        libc.malloc(4096)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(6)]
for each in threads:
    each.start()
for each in threads:
    each.join()
with tempfile.NamedTemporaryFile() as file:
    stream = libc.fopen(file.name.encode(), b"w")
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(len(re.findall("<heap nr=", open(file.name).read())))
"""

# Blocks of which the last one stays: all before it is free, and nothing of it at the end.
_FREED = """
import ctypes
from pathlib import Path
from bot.running.memory import give_back
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
blocks = [libc.malloc(65536) for _ in range(500)]
for block in blocks:
    ctypes.memset(block, 1, 65536)
for block in blocks[:-1]:
    libc.free(block)
before = resident()
give_back()
print(before - resident())
"""


def printed(program: str, *arguments: str) -> int:
    """The number that a program prints."""
    command = [sys.executable, "-c", program, *arguments]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_all_threads_share_one_heap() -> None:
    assert printed(_HEAPS, "shared") == 1
    assert printed(_HEAPS, "as it is") > 1


@pytest.mark.skipif(sys.platform != "linux", reason="how much there is, is read as on Linux")
def test_what_is_free_goes_back_to_the_system() -> None:
    assert printed(_FREED) > 20_000_000
