"""`matome export`: the format that others build on."""

import json
import os
import subprocess
from pathlib import Path

from tests.blog import Blog, Quote, page, raw_post
from tests.commands import COMMAND, SECONDS, Matome


def test_a_post_is_one_line_with_its_keys_in_order(indexed: Matome) -> None:
    lines = indexed("export").out.splitlines()
    gpu = next(line for line in lines if "gpu_memory" in line)
    expected = {
        "slug": "2025_06_10_gpu_memory",
        "path": "content/posts/2025_06/2025_06_10_gpu_memory/index.md",
        "title": "GPUのメモリは遅い？",
        "date": "2025-06-10T00:00:00",
        "date_exact": True,
        "month": "2025/06",
        "tags": ["GPU", "ハードウェア", "Hacker News"],
        "draft": False,
        "thumbnail": "thumbnails/blue.jpg",
        "source_url": "https://news.ycombinator.com/item?id=101",
        "item_id": 101,
        "url": "https://blog.example/posts/2025_06/2025_06_10_gpu_memory/",
        "sections": [
            {"number": 0, "summary": None, "comments": 2},
            {"number": 1, "summary": "もっとコメントを表示（1）", "comments": 1},
        ],
        "comments": [
            {
                "number": 1,
                "section": 0,
                "user": "alice",
                "created_at": "2025-06-01T10:00:00+00:00",
                "colour": "#45d325",
                "body": "メモリ帯域が足りない。\n二行目",
            },
            {
                "number": 2,
                "section": 0,
                "user": "bob",
                "created_at": "2025-06-10T18:59:45+00:00",
                "colour": None,
                "body": "NVIDIAのGPUを買った",
            },
            {
                "number": 3,
                "section": 1,
                "user": "carol",
                "created_at": "2025-06-01T10:00:00+00:00",
                "colour": "#ff5c38",
                "body": "畳まれたコメント",
            },
        ],
    }
    # The text itself: order, spaces and characters as they are, not escaped.
    assert gpu == json.dumps(expected, ensure_ascii=False)


def test_posts_are_sorted_by_slug_and_drafts_are_among_them(indexed: Matome) -> None:
    done = indexed("export")
    assert (done.status, done.err) == (0, "")
    posts = [json.loads(line) for line in done.out.splitlines()]
    assert [post["slug"] for post in posts] == [
        "2025_05_20_rust",
        "2025_06_02_wifi",
        "2025_06_10_gpu_memory",
        "2025_06_11_draft",
    ]
    assert [post["draft"] for post in posts] == [False, False, False, True]


def test_what_is_missing_is_null(matome: Matome, blog: Blog) -> None:
    blog.post("bare", "+++\ntitle = 'x'\ndate = '2025-06-01'\n+++\n")
    blog.write("content/posts/saved.txt", page(item=5))
    bare, saved = (json.loads(line) for line in matome("export").out.splitlines())
    names = ("month", "thumbnail", "source_url", "item_id", "url")
    assert [bare[name] for name in names] == [None] * 5
    assert (bare["tags"], bare["comments"]) == ([], [])
    assert bare["sections"] == [{"number": 0, "summary": None, "comments": 0}]
    assert (saved["slug"], saved["date_exact"], saved["url"]) == ("saved", False, None)
    assert saved["date"] == "2025-06-01T00:00:00"


def test_a_line_of_output_is_one_post_whatever_stands_in_it(matome: Matome, blog: Blog) -> None:
    hostile = "a\u2028b\u0085c\x1b[31md\x9b31me\u202ef\x07"
    blog.post("one", raw_post(comments=[Quote(hostile)]))
    done = matome("export")
    assert len(done.out.splitlines()) == 1
    assert json.loads(done.out)["comments"][0]["body"] == hostile
    assert not set(done.out) & set("\x1b\x9b\x07\u202e\u2028\x85")


def test_the_first_export_makes_the_index(matome: Matome, small_blog: Blog) -> None:
    done = matome("export")
    assert (done.status, done.out.count("\n")) == (0, 4)
    assert matome.index.is_file()


def test_whoever_stops_reading_gets_no_complaint(matome: Matome, blog: Blog) -> None:
    # More than a pipe holds, in lines that are smaller than what is written at a time.
    for number in range(200):
        blog.post(f"post_{number:03}", raw_post(comments=["長い" * 100], item=number))
    assert matome("sync").status == 0
    read, write = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "export"],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=matome.cwd,
        env=matome.environment(),
    )
    os.close(write)
    with open(read, "rb") as pipe:  # noqa: PTH123 (a descriptor)
        assert json.loads(pipe.readline())["slug"] == "post_000"
    _, complaints = process.communicate(timeout=SECONDS)
    assert complaints == b""
    # What a shell says of a program that a closed pipe has ended.
    assert process.returncode == 141


def test_a_closed_stdout_does_no_harm(indexed: Matome) -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "export"]
    done = subprocess.run(
        command,
        capture_output=True,
        cwd=indexed.cwd,
        env=indexed.environment(),
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_disk_that_is_gone_leaves_the_index_for_export(matome: Matome, small_blog: Blog) -> None:
    assert matome("sync").status == 0
    small_blog.root.rename(Path(f"{small_blog.root}.gone"))
    assert matome("export").out.count("\n") == 4
