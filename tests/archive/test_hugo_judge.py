"""Hugo itself is the judge of the readers: over the archives, and over posts made to be odd."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from bot.archive.reading import MAX_COMMENTS, MAX_FILE_BYTES, ReadPost
from bot.errors import PostRefused
from tests.archive import generated_posts
from tests.archive.agreement import PARSERS_DIFFER, STRICTER_THAN_HUGO, differences, read
from tests.hugo import judge
from tests.hugo.judge import Refusal

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/archive/content"
SHARED = ROOT.parent / "shared/archive/content"

HEAD = '+++\ntitle = "x"\ndate = "2025-06-01"\n+++\n'


def _disagreements(content: Path) -> tuple[int, list[str]]:
    """How many posts a content directory has, and in what the reader and Hugo differ."""
    hugo = judge.build(content)
    faults = []
    for path, verdict in hugo.items():
        ours = read((content / path).read_bytes(), path)
        faults += [f"{path}: {fault}" for fault in differences(ours, verdict)]
    return len(hugo), faults


def test_over_the_sample_archive_hugo_and_the_reader_agree() -> None:
    posts, faults = _disagreements(SAMPLE)
    assert faults == []
    assert posts == len(list(SAMPLE.rglob("index.md")))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared archive is not here")
def test_over_the_real_archive_hugo_and_the_reader_agree() -> None:
    posts, faults = _disagreements(SHARED)
    assert faults == []
    assert posts == len(list(SHARED.rglob("index.md")))


def _posts(make: Callable[[Random], str], count: int) -> dict[str, bytes]:
    return {
        f"posts/2025_06_01_{seed:05}/index.md": make(Random(seed)).encode() for seed in range(count)
    }


# What is made, how many of it, and how many of them Hugo refuses at least, so that the test bites.
CORPORA = [
    (generated_posts.whole, 24, 0),
    (generated_posts.odd, 72, 24),
    (generated_posts.mutated, 110, 45),
    (generated_posts.pieced, 110, 45),
    (generated_posts.odd_front_matter, 110, 45),
]


def test_a_third_of_the_generated_posts_is_broken() -> None:
    assert sum(count for _, count, _ in CORPORA) >= 300
    assert sum(refused for *_, refused in CORPORA) * 3 >= sum(count for _, count, _ in CORPORA)


@pytest.mark.parametrize(
    ("make", "count", "refused"), CORPORA, ids=[make.__name__ for make, *_ in CORPORA]
)
def test_over_generated_posts_hugo_and_the_reader_agree(
    make: Callable[[Random], str], count: int, refused: int
) -> None:
    posts = _posts(make, count)
    hugo = judge.build(posts)
    faults = []
    parsers_differ = 0
    for path, data in posts.items():
        ours = read(data, path)
        faults += [f"{path} {data!r}: {fault}" for fault in differences(ours, hugo[path])]
        if isinstance(ours, PostRefused) and not isinstance(hugo[path], Refusal):
            parsers_differ += ours.key == "refused.front_matter"
    assert faults == []
    assert len(hugo) == count
    assert sum(isinstance(verdict, Refusal) for verdict in hugo.values()) >= refused
    # An exception that hides a fault of the parser would show as more than the odd one.
    assert parsers_differ <= count // 25


def test_shortcodes_that_hugo_itself_brings_along_are_known_as_it_knows_them() -> None:
    arguments = {
        "figure": 'src="a.png"', "highlight": "go", "instagram": "a",
        "param": "title", "qr": 'text="x"', "ref": '"/posts/"', "relref": '"/posts/"',
        "vimeo": "1", "x": 'user="a" id="1"', "youtube": "a",
    }  # fmt: skip
    removed = ("gist", "tweet", "twitter")
    names = ("comment", "details", "list", "matomeQuote", "nosuch", *removed)
    posts = {}
    for name in (*names, *arguments):
        opening = f"{{{{< {name} {arguments.get(name, '')} >}}}}"
        for form, text in (
            ("open", opening),
            ("closed", opening + f"x{{{{< /{name} >}}}}"),
            ("self", opening.replace(" >}}", " />}}")),
        ):
            posts[f"posts/{name}_{form}/index.md"] = (HEAD + text).encode()
    # These ask their services; what they are is judged by whether they may be closed.
    remote = {f"posts/{name}_open/index.md" for name in ("instagram", "vimeo", "x")}
    hugo = judge.build(posts)
    faults = {
        path: differences(read(data, path), hugo[path])
        for path, data in posts.items()
        if path not in remote
    }
    assert {path: fault for path, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(
    "spelling",
    [
        "<br>",
        "<BR>",
        "<Br/>",
        "<br />",
        "<br  >",
        '<br class="a">',
        "<br a=1 />",
        "<br\na>",
        "<br/ >",
        "< br>",
        "<br1>",
        "‹br＞",
        "<br",
        "<br\u3000/>",
        "<br 1>",
        "<bra>",
        "<b r>",
    ],
)
def test_a_line_break_is_what_markdown_takes_for_the_tag(spelling: str) -> None:
    [verdict] = judge.build({"a.md": f"{HEAD}x{spelling}y".encode()}).values()
    assert isinstance(verdict, dict)
    is_tag = verdict["content"] == "<p>x<!-- raw HTML omitted -->y</p>\n"
    ours = read(f"{HEAD}{{{{<matomeQuote body=`x{spelling}y`>}}}}".encode(), "a.md")
    assert isinstance(ours, ReadPost)
    other_tag = spelling in ("<br1>", "<bra>", "<b r>")
    assert is_tag or not other_tag
    is_break = is_tag and not other_tag
    assert ours.post.comments[0].body == ("x\ny" if is_break else f"x{spelling}y")


# What the reader refuses and Hugo does not, each with an example.
ONLY_WE_REFUSE = {
    "refused.no_front_matter": b"text",
    "refused.no_title": b'+++\ndate = "2025-06-01"\n+++\n',
    "refused.no_date": b'+++\ntitle = "x"\n+++\n',
    "refused.date": b'+++\ntitle = "x"\ndate = "01 Jun 2025"\n+++\n',
    "refused.not_utf8": HEAD.encode() + b"\xff",
    "refused.too_large": HEAD.encode() + b" " * MAX_FILE_BYTES,
    "refused.front_matter_too_long": HEAD.replace("x", "x" * 20_000).encode(),
    "refused.too_many_comments": HEAD.encode() + b"{{<matomeQuote>}}" * (MAX_COMMENTS + 1),
    "refused.shortcode.too_deep": HEAD.encode()
    + b"{{< details >}}" * 102
    + b"{{< /details >}}" * 102,
    "refused.shortcode.inline": HEAD.encode() + b"{{< a.inline >}}{{< /a.inline >}}",
    "refused.front_matter": b"---\ntitle: \tx\n---\n",
}


def test_what_only_the_reader_refuses_is_known_and_hugo_takes_it() -> None:
    assert set(ONLY_WE_REFUSE) == STRICTER_THAN_HUGO
    hugo = judge.build({f"{key}.md": data for key, data in ONLY_WE_REFUSE.items()})
    for key, data in ONLY_WE_REFUSE.items():
        ours = read(data, f"{key}.md")
        assert isinstance(ours, PostRefused)
        assert ours.key == key
        assert not isinstance(hugo[f"{key}.md"], Refusal), key


def test_where_python_parsers_refuse_more_front_matter_than_hugo_is_known() -> None:
    posts = {
        f"posts/{number}.md": text.encode() for number, text in enumerate(PARSERS_DIFFER.values())
    }
    hugo = judge.build(posts)
    for (what, _), (path, data) in zip(PARSERS_DIFFER.items(), posts.items(), strict=True):
        ours = read(data, path)
        assert isinstance(ours, PostRefused), what
        assert ours.key == "refused.front_matter", what
        assert not isinstance(hugo[path], Refusal), what


def test_a_post_without_a_date_gets_that_of_its_name_where_hugo_has_none() -> None:
    data = b'+++\ntitle = "x"\n+++\n'
    path = "posts/2025_06_24_slug/index.md"
    [verdict] = judge.build({path: data}).values()
    assert isinstance(verdict, dict)
    assert verdict["date"] == "0001-01-01T00:00:00"
    ours = read(data, path)
    assert isinstance(ours, ReadPost)
    assert ours.post.date.isoformat() == "2025-06-24T00:00:00"


def test_the_judge_tells_posts_apart_and_says_why() -> None:
    posts = {
        "posts/good/index.md": (HEAD + '{{<matomeQuote body="b" userName="u">}}').encode(),
        "posts/open/index.md": (HEAD + "{{< details >}}").encode(),
        # Hugo breaks down over this one without naming it.
        "posts/panic/index.md": (HEAD + "{{< details >}}{{< = /details >}}").encode(),
        "posts/unknown/index.md": (HEAD + "{{< nosuch >}}").encode(),
    }
    hugo = judge.build(posts)
    good, unclosed, panic, unknown = (hugo[path] for path in posts)
    assert isinstance(good, dict)
    assert [comment["body"] for comment in good["comments"]] == ["b"]
    assert isinstance(unclosed, Refusal)
    assert "must be closed" in unclosed.message
    assert isinstance(panic, Refusal)
    assert isinstance(unknown, Refusal)
    assert 'template for shortcode "nosuch" not found' in unknown.message
    for path, data in posts.items():
        assert differences(read(data, path), hugo[path]) == []


def test_the_judge_sees_a_wrong_reading() -> None:
    data = (HEAD + '{{<details summary="s">}}{{<matomeQuote body="b">}}{{</details>}}').encode()
    [verdict] = judge.build({"posts/a/index.md": data}).values()
    assert isinstance(verdict, dict)
    for name, wrong in (("title", "y"), ("date", "2025-06-02T00:00:00"), ("tags", ["z"])):
        assert differences(read(data, "posts/a/index.md"), {**verdict, name: wrong}) != []
    moved = [{**verdict["comments"][0], "place": "0 matomeQuote"}]
    assert differences(read(data, "posts/a/index.md"), {**verdict, "comments": moved}) != []
    other = [{**verdict["comments"][0], "body": "c"}]
    assert differences(read(data, "posts/a/index.md"), {**verdict, "comments": other}) != []
