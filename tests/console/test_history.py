"""What was asked before, in a file."""

from pathlib import Path

from adapters.console.history import KEPT, QuestionHistory


def loaded(file: Path | None) -> list[str]:
    return list(QuestionHistory(file).load_history_strings())


def test_questions_are_there_again_newest_first(tmp_path: Path) -> None:
    file = tmp_path / "history.txt"
    history = QuestionHistory(file)
    for line in ("gpu", "ローカル  LLM", "12", " ", "タグ\x1b[31m"):
        history.append_string(line)
    assert loaded(file) == ["タグ[31m", "ローカル LLM", "gpu"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "history.txt"
    file.write_text("".join(f"q{n}\n" for n in range(2 * KEPT + 1)))
    assert loaded(file)[0] == f"q{2 * KEPT}"
    assert len(file.read_text().splitlines()) == KEPT
    assert loaded(file)[-1] == f"q{KEPT + 1}"


def test_where_no_file_can_be_it_remembers_for_now(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none" / "history.txt", None):
        history = QuestionHistory(file)
        assert loaded(file) == []
        history.append_string("gpu")
        assert history.get_strings() == ["gpu"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("")
    link = tmp_path / "history.txt"
    link.symlink_to(other)
    QuestionHistory(link).append_string("gpu")
    assert other.read_text() == ""
