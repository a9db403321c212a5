"""The engines that search stands beside: a LIKE scan, FTS5's trigrams and tantivy over bigrams."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.bench import Entry
from bot.search.text import normalise
from bot.search.tokens import tokens

LIMIT = 10
TRIGRAM = 3

# Takes the terms of a query and gives the places of the found comments among the entries.
Engine = Callable[[Sequence[str]], list[int]]


def like_scan(index: Path) -> Engine:
    """The newest comments with every term, by looking through the index's own table."""
    database = sqlite3.connect(f"file:{index}?mode=ro", uri=True)
    database.execute("PRAGMA cache_size = -131072")

    def search(terms: Sequence[str]) -> list[int]:
        where, values = _like(terms, "body")
        sql = f"SELECT id FROM comment WHERE {where} ORDER BY id DESC LIMIT {LIMIT}"  # noqa: S608
        return [row[0] for row in database.execute(sql, values)]

    return search


def trigrams(entries: Sequence[Entry], file: Path) -> Engine:
    """FTS5 with its own trigram tokenizer and ranking; shorter terms are looked for by LIKE."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA cache_size = -131072")
    database.execute("CREATE VIRTUAL TABLE comments USING fts5(body, tokenize = 'trigram')")
    database.execute("INSERT INTO comments (comments, rank) VALUES ('hashsize', 67108864)")
    database.executemany(
        "INSERT INTO comments (rowid, body) VALUES (?, ?)",
        ((number, entry.text) for number, entry in enumerate(entries)),
    )
    database.commit()

    def search(terms: Sequence[str]) -> list[int]:
        terms = [normalise(term) for term in terms]
        where, values = _like([term for term in terms if len(term) < TRIGRAM], "body")
        order = "rowid DESC"
        long = [term for term in terms if len(term) >= TRIGRAM]
        if long:
            where += " AND comments MATCH ?"
            quoted = (term.replace("\0", "").replace('"', '""') for term in long)
            values.append(" AND ".join(f'"{term}"' for term in quoted))
            order = "rank"
        sql = f"SELECT rowid FROM comments WHERE {where} ORDER BY {order} LIMIT {LIMIT}"  # noqa: S608
        return [row[0] for row in database.execute(sql, values)]

    return search


def bigrams(entries: Sequence[Entry], directory: Path) -> Engine:
    """tantivy over the tokens that our own index has, ranked by BM25."""
    builder: Any = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace")
    builder.add_unsigned_field("number", stored=True, fast=True)
    schema = builder.build()
    directory.mkdir()
    index: Any = tantivy.Index(schema, path=str(directory))
    writer = index.writer(128_000_000, 1)
    for number, entry in enumerate(entries):
        document = tantivy.Document()
        document.add_text("body", " ".join(tokens(entry.text)))
        document.add_unsigned("number", number)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(terms: Sequence[str]) -> list[int]:
        wanted = dict.fromkeys(token for term in terms for token in tokens(normalise(term)))
        if not wanted:
            return []
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, tantivy.Query.term_query(schema, "body", token))
                for token in wanted
            ]
        )
        return [
            searcher.doc(address)["number"][0] for _, address in searcher.search(query, LIMIT).hits
        ]

    return search


def _like(terms: Sequence[str], column: str) -> tuple[str, list[str]]:
    where = "".join(f" AND {column} LIKE ? ESCAPE '~'" for _ in terms)
    escaped = [
        term.replace("~", "~~").replace("%", "~%").replace("_", "~_").replace("\0", "")
        for term in terms
    ]
    return "1" + where, [f"%{term}%" for term in escaped]
