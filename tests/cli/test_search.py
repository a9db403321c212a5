"""`matome search`: its formats, and that nothing a person types is a failure of ours."""

import json

import pytest

from tests.blog import Blog, Quote, raw_post
from tests.commands import Matome


def test_a_result_is_one_line_with_its_keys_in_order(indexed: Matome) -> None:
    done = indexed("search", "NVIDIA", "--json")
    assert (done.status, done.err) == (0, "")
    (line,) = done.out.splitlines()
    hit = json.loads(line)
    score = hit.pop("score")
    assert isinstance(score, float)
    assert list(json.loads(line)) == [*hit, "score"]
    assert list(hit.items()) == [
        ("query", "NVIDIA"),
        ("rank", 1),
        ("kind", "comment"),
        ("slug", "2025_06_10_gpu_memory"),
        ("path", "content/posts/2025_06/2025_06_10_gpu_memory/index.md"),
        ("title", "GPUのメモリは遅い？"),
        ("number", 2),
        ("user", "bob"),
        ("created_at", "2025-06-10T18:59:45+00:00"),
        ("snippet", "NVIDIAのGPUを買った"),
    ]
    assert "買った" in line


def test_a_post_as_a_result_has_no_comment(indexed: Matome) -> None:
    hit = json.loads(indexed("search", "Rust", "--json", "--kind", "post").out)
    assert (hit["kind"], hit["slug"]) == ("post", "2025_05_20_rust")
    assert (hit["number"], hit["user"], hit["created_at"]) == (None, None, None)


def kinds(out: str) -> set[str]:
    return {json.loads(line)["kind"] for line in out.splitlines()}


def test_the_kind_of_the_results_can_be_chosen(indexed: Matome) -> None:
    assert kinds(indexed("search", "GPU", "--json").out) == {"post", "comment"}
    assert kinds(indexed("search", "GPU", "--json", "--kind", "all").out) == {"post", "comment"}
    assert kinds(indexed("search", "GPU", "--json", "--kind", "post").out) == {"post"}
    assert kinds(indexed("search", "GPU", "--json", "--kind", "comment").out) == {"comment"}


def test_ranks_count_from_one_up_to_the_limit(indexed: Matome) -> None:
    lines = indexed("search", "GPU", "--json", "--limit", "2").out.splitlines()
    assert [json.loads(line)["rank"] for line in lines] == [1, 2]
    assert indexed("search", "GPU", "--json", "--limit", str(10**30)).status == 0


def test_a_draft_is_never_found(indexed: Matome) -> None:
    assert indexed("search", "まだ出さない", "--json").out == ""


def test_a_batch_answers_each_line_in_turn(indexed: Matome) -> None:
    done = indexed("search", "--batch", "--json", stdin="ルーター\n\n  \nNVIDIA\r\n借用".encode())
    assert (done.status, done.err) == (0, "")
    queries = [json.loads(line)["query"] for line in done.out.splitlines()]
    assert list(dict.fromkeys(queries)) == ["ルーター", "NVIDIA", "借用"]


def test_a_wrong_line_of_a_batch_is_named_and_the_others_are_answered(indexed: Matome) -> None:
    done = indexed("search", "--batch", "--json", stdin=b"colour:red\nNVIDIA\n")
    assert done.status == 2
    assert [json.loads(line)["query"] for line in done.out.splitlines()] == ["NVIDIA"]
    assert "colour:" in done.err


def test_an_empty_batch_is_answered_with_nothing(indexed: Matome) -> None:
    done = indexed("search", "--batch")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_results_are_shown_to_people_too(indexed: Matome) -> None:
    done = indexed("search", "NVIDIA")
    assert done.out == (
        "Results for “NVIDIA”\n"
        " 1. GPUのメモリは遅い？\n"
        "    #2 bob　Jun 11, 2025 03:59\n"
        "    NVIDIAのGPUを買った\n"
        "    https://blog.example/posts/2025_06/2025_06_10_gpu_memory/\n"
    )
    done = indexed("search", "該当なしの言葉", env={"LANG": "ja_JP.UTF-8"})
    assert done.status == 0
    assert done.out.startswith("「該当なしの言葉」は見つかりませんでした。")


@pytest.mark.parametrize(
    "link",
    [
        "https://news.ycombinator.com/item?id=101",
        "https://blog.example/posts/2025_06/2025_06_10_gpu_memory/",
    ],
)
def test_a_link_finds_its_post(indexed: Matome, link: str) -> None:
    (line,) = indexed("search", link, "--json").out.splitlines()
    hit = json.loads(line)
    assert (hit["kind"], hit["slug"]) == ("post", "2025_06_10_gpu_memory")
    assert indexed("search", link, "--json", "--kind", "comment").out == ""


def test_a_link_that_leads_nowhere_finds_nothing(indexed: Matome) -> None:
    done = indexed("search", "https://news.ycombinator.com/item?id=999", "--json")
    assert (done.status, done.out) == (0, "")


ODD = {
    "100,000 characters": "メモリ" * 33_334,
    "100,000 words": "a " * 50_000,
    "quotes only": '""""""',
    "an open quote": '"',
    "Japanese quotes": "「」『』",
    "operators only": "tag: user: month: -",
    "one operator": "in:title",
    "minus signs": "- -- ---",
    "hash signs": "# ## #",
    "NUL": "gpu\0gpu",
    "only NUL": "\0\0",
    "right-to-left marks": "\u202egpu\u202c \u200f",
    "only marks": "\u200b\u200e\u202e",
    "escape sequences": "\x1b[31mgpu\x1b[0m \x9b2J",
    "SQL": "'; DROP TABLE post; --",
    "index syntax": 'gpu" OR "x NEAR(a b) * ^ AND NOT )(',
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈",
    "combining": "e" + "\u0301" * 500,
    "ligatures": "ﷺ" * 300,
    "a far date": "after:9999-12-31 before:0001-01-01",
    "no date": "month:9999-99",
    "backslashes": "\\" * 50,
    "a format": "{0} %s {written}",
    "private use": "\ue000\ue001gpu",
    "half a link": "https://news.ycombinator.com/item?id=" + "9" * 400,
}


def test_nothing_that_is_typed_is_a_failure_of_ours(indexed: Matome) -> None:
    for kind in ("all", "post", "comment"):
        lines = "\n".join(query.replace("\n", " ") for query in ODD.values())
        # Bytes that are no UTF-8, and halves of a surrogate pair as some programs write them.
        stdin = lines.encode() + b"\n\xff\xfe\x80\n\xed\xa0\x80gpu\n"
        done = indexed("search", "--batch", "--kind", kind, stdin=stdin)
        assert done.status in (0, 2)
        assert "incident" not in done.err
        assert "Traceback" not in done.err
        assert not set(done.out + done.err) & set("\x1b\x9b\0\u202e\u200f")


@pytest.mark.parametrize("name", ["quotes only", "operators only", "SQL", "emoji", "backslashes"])
def test_an_odd_argument_is_answered_or_explained(indexed: Matome, name: str) -> None:
    done = indexed("search", "--", ODD[name])
    assert (done.status == 0) == (done.err == "")
    assert done.status in (0, 2)
    assert bool(done.out) == (done.status == 0)


def test_an_argument_that_is_no_utf8_is_answered(indexed: Matome) -> None:
    done = indexed("search", b"\xff\x80 NVIDIA", "--json")
    assert done.status == 0
    assert "Traceback" not in done.err


def test_a_query_of_100_000_characters_is_refused_with_the_limit(indexed: Matome) -> None:
    done = indexed("search", "gpu " * 25_000)
    assert (done.status, done.out) == (2, "")
    assert "1000" in done.err
    assert len(done.err) < 300


def test_a_line_of_ten_megabytes_is_refused_and_the_next_is_answered(indexed: Matome) -> None:
    stdin = b"x" * 10_000_000 + b"\nNVIDIA\n"
    done = indexed("search", "--batch", "--json", stdin=stdin)
    assert done.status == 2
    assert [json.loads(line)["query"] for line in done.out.splitlines()] == ["NVIDIA"]


def test_what_stands_in_comments_never_steers_the_terminal(matome: Matome, blog: Blog) -> None:
    # TOML takes no raw controls but C1, so the title has its escapes written out.
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eすいか\u2066\x08"
    escaped = "".join(f"\\u{ord(char):04x}" for char in evil)
    text = raw_post("title", [Quote(evil, f"u{evil}")], tags=[escaped], item=7)
    blog.post("one", text.replace("title = 'title'", f'title = "{escaped}"'))
    dangerous = set("\x1b\x07\x9b\u202e\u2066\r\x08")
    for arguments in (("sync",), ("search", "すいか"), ("search", "すいか", "--json"), ("export",)):
        done = matome(*arguments)
        assert done.status == 0
        assert "すいか" in done.out or arguments == ("sync",)
        assert not set(done.out + done.err) & dangerous
    chat = matome("run", stdin="すいか\nrandom\ntags\n".encode())
    assert chat.out.count("すいか") > 3
    assert not set(chat.out + chat.err) & dangerous
