"""Answers as plain lines of text, for a pipe and for terminals of every kind."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from adapters.console.visible import visible
from bot.chat.answers import (
    Answer,
    Choice,
    Found,
    Help,
    Month,
    Months,
    Newest,
    Opened,
    Tagged,
    Tags,
)
from bot.locales import Texts
from bot.model import Comment, Post, PostSummary, post_url
from bot.search.search import Hit
from bot.search.snippet import Snippet

COMMENTS_SHOWN = 5
INDENT = "   "
BOLD, NOT_BOLD = "\x1b[1m", "\x1b[22m"


class _Clean(str):
    """A line that is harmless already and may hold codes of ours."""

    __slots__ = ()


class PlainText:
    """Renders answers in one language; times are shown in `timezone`.

    With `bold` what was searched for stands out, by the codes that terminals know.
    """

    def __init__(
        self, texts: Texts, timezone: tzinfo, site_url: str | None, *, bold: bool = False
    ) -> None:
        self._texts = texts
        self._timezone = timezone
        self._site_url = site_url
        self._bold = bold

    def render(self, answer: Answer) -> str:
        """The lines of an answer, harmless to a terminal, without a newline at the end."""
        lines = self._lines(answer)
        return "\n".join(line if isinstance(line, _Clean) else visible(line) for line in lines)

    def _lines(self, answer: Answer) -> Iterator[str]:
        texts = self._texts
        match answer:
            case Newest(posts, tags):
                yield texts("chat.newest") if posts else texts("chat.empty_archive")
                yield from self._posts(posts)
                if tags:
                    names = " · ".join(tag.name for tag in tags)
                    yield texts("chat.popular_tags", tags=names)
            case Tagged(tag, posts, mentions):
                yield texts("chat.tag", tag=tag.name, count=tag.posts)
                yield from self._posts(posts)
                name = f'"{tag.name}"' if " " in tag.name else tag.name
                if tag.posts > len(posts):
                    # Rather some posts of the last day again than one of them never.
                    day = posts[-1].date.date() + timedelta(days=1)
                    more = f"tag:{name} before:{day}"
                    yield texts("chat.more_posts", count=tag.posts - len(posts), query=more)
                if mentions:
                    yield texts("chat.mentioned", count=mentions, query=f"{name} -tag:{name}")
            case Found(results):
                shown = results.query.text
                heading = "chat.results" if results.hits else "chat.nothing"
                yield texts(heading, query=shown)
                yield from self._hits(results.hits)
                if results.suggestions:
                    yield texts("chat.did_you_mean", suggestions=" · ".join(results.suggestions))
            case Tags(tags):
                yield texts("chat.tags", count=len(tags))
                yield " · ".join(f"{tag.name} {tag.posts}" for tag in tags)
            case Months(months):
                yield texts("chat.months")
                yield from (f"{INDENT}{month.month}  {month.posts}" for month in months)
            case Month(month, posts):
                yield texts("chat.month", month=month, count=len(posts))
                yield from self._posts(posts)
            case Opened(post, related):
                yield from self._post(post)
                if related:
                    yield texts("chat.related")
                    yield from self._posts(related)
            case Choice(posts):
                yield texts("chat.which_post", count=len(posts))
                yield from self._posts(posts)
            case Help():
                yield texts("chat.help").strip("\n")

    def _posts(self, posts: Sequence[PostSummary]) -> Iterator[str]:
        for number, post in enumerate(posts, 1):
            yield f"{number:>2}. {post.title}"
            day = _day(post.date, post.date_exact)
            line = self._texts("chat.post", comments=post.comments, day=day)
            yield f"{INDENT} {line}  {' '.join('#' + tag for tag in post.tags)}"
            if link := post_url(self._site_url, post.path) or post.source_url:
                yield f"{INDENT} {link}"

    def _hits(self, hits: Sequence[Hit]) -> Iterator[str]:
        for number, hit in enumerate(hits, 1):
            yield f"{number:>2}. {hit.title}"
            if hit.number is not None:
                head = self._comment_head(hit.number, hit.user or "", hit.created_at)
                yield f"{INDENT} {head}"
                yield _Clean(f"{INDENT} {self._snippet(hit.snippet)}")
            if link := post_url(self._site_url, hit.path):
                yield f"{INDENT} {link}"

    def _snippet(self, snippet: Snippet) -> str:
        pieces: list[str] = []
        at = 0
        for start, end in snippet.matches if self._bold else ():
            pieces += [visible(snippet.text[at:start]), BOLD]
            pieces += [visible(snippet.text[start:end]), NOT_BOLD]
            at = end
        return "".join([*pieces, visible(snippet.text[at:])])

    def _post(self, post: Post) -> Iterator[str]:
        yield post.title
        day = _day(post.date, post.date_exact)
        line = self._texts("chat.post", comments=len(post.comments), day=day)
        yield f"{line}  {' '.join('#' + tag for tag in post.tags)}"
        if (link := post_url(self._site_url, post.path)) is not None:
            yield link
        if post.source_url:
            yield self._texts("chat.source", url=post.source_url)
        for comment in post.comments[:COMMENTS_SHOWN]:
            yield ""
            yield from self._comment(comment)
        hidden = len(post.comments) - COMMENTS_SHOWN
        if hidden > 0:
            yield ""
            yield self._texts("chat.folded", count=hidden)

    def _comment(self, comment: Comment) -> Iterator[str]:
        yield self._comment_head(comment.number, comment.user, comment.created_at)
        yield from (f"{INDENT}{line}" for line in comment.body.split("\n"))

    def _comment_head(self, number: int, user: str, created_at: datetime | None) -> str:
        time = self._texts("chat.time_unknown")
        if created_at is not None:
            time = created_at.astimezone(self._timezone).strftime("%Y-%m-%d %H:%M")
        shown = user or self._texts("chat.nobody")
        return self._texts("chat.comment", number=number, user=shown, time=time)


def _day(date: datetime, exact: bool) -> str:
    return date.strftime("%Y-%m-%d" if exact else "%Y-%m")
