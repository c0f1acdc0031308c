"""The dossier that `evenhand new` writes."""

from pathlib import Path

import pytest

from evenhand.dossier import new_dossier, read_dossier
from evenhand.dossier.dossier_models import Root
from evenhand.dossier.folder import FILES
from evenhand.dossier.parameters_csv import COLUMNS as PARAMETER_COLUMNS
from evenhand.dossier.records import Status
from evenhand.dossier.results_csv import COLUMNS as RESULT_COLUMNS
from evenhand.dossier.studies_csv import COLUMNS as STUDY_COLUMNS


def test_it_reads_without_a_fault_or_a_guess(blank: Path) -> None:
    dossier = read_dossier(blank)
    assert dossier.notices == ()
    assert sorted(path.name for path in blank.iterdir()) == sorted(FILES)


def test_it_shows_every_kind_of_evidence(blank: Path) -> None:
    dossier = read_dossier(blank)
    statuses = {(row.outcome, row.status) for row in dossier.results}
    assert ("relief", Status.COUNTED) in statuses
    assert ("headache", Status.COUNTED) in statuses
    assert ("allergy", Status.HAPPENED) in statuses
    assert ("sleep", Status.NOT_REPORTED) in statuses
    assert dossier.outcomes["infection"].formula is not None
    assert len(dossier.scenarios) == 2
    assert {outcome for claim in dossier.claims for outcome in claim.outcomes} == set(dossier.outcomes)


def test_it_says_that_it_is_invented(blank: Path) -> None:
    assert "INVENTED" in (blank / "dossier.yaml").read_text(encoding="utf-8")
    assert all("invented" in source.title for source in read_dossier(blank).sources.values())


def test_every_text_is_in_both_languages(blank: Path) -> None:
    dossier = read_dossier(blank)
    texts = [dossier.question.title, *(outcome.name for outcome in dossier.outcomes.values())]
    texts += [claim.text for claim in dossier.claims] + [item.label for item in dossier.parameters.values()]
    assert [text.en for text in texts if not text.ar] == []


def test_every_key_of_the_format_stands_in_it(blank: Path) -> None:
    """Whoever fills it in meets every key once, with its comment; `outcomes` of a claim is told in one."""
    text = (blank / "dossier.yaml").read_text(encoding="utf-8")
    keys: set[str] = set()
    pending = [Root]
    while pending:
        model = pending.pop()
        for name, field in model.model_fields.items():
            keys.add(field.alias or name)
            pending += [part for part in parts_of(field.annotation) if hasattr(part, "model_fields")]
    assert sorted(key for key in keys if f"{key}:" not in text) == []


def parts_of(annotation: object) -> list[type]:
    from typing import get_args

    inner = [part for argument in get_args(annotation) for part in parts_of(argument)]
    return [*inner, *([annotation] if isinstance(annotation, type) else [])]


@pytest.mark.parametrize(
    ("file", "columns"),
    [("studies.csv", STUDY_COLUMNS), ("results.csv", RESULT_COLUMNS), ("parameters.csv", PARAMETER_COLUMNS)],
)
def test_every_column_stands_in_it(file: str, columns: object, blank: Path) -> None:
    header = (blank / file).read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(columns.known)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [
        "Does it help?",
        'Quotes " and \\ back',
        "colon: and # hash",
        "{braces}",
        "هل ينفع؟",
        "two\nlines",
        "  ",
        "- dash",
    ],
)
def test_a_title_of_its_own(name: str, tmp_path: Path) -> None:
    title = read_dossier(new_dossier(tmp_path / "d", name)).question.title
    if name.strip():
        assert title.en == " ".join(name.split())
        assert title.ar is None
    else:
        assert title.ar


def test_a_title_with_hidden_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be seen"):
        new_dossier(tmp_path / "d", "evil \u202e title")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "full folder", "file", "dangling link"])
def test_what_stands_is_never_touched(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "d"
    if kind.endswith("folder"):
        path.mkdir()
    if kind == "full folder":
        (path / "dossier.yaml").write_text("mine", encoding="utf-8")
    if kind == "file":
        path.write_text("mine", encoding="utf-8")
    if kind == "dangling link":
        path.symlink_to(tmp_path / "nowhere")
    before = {entry: entry.is_file() and entry.read_bytes() for entry in tmp_path.rglob("*")}
    with pytest.raises(FileExistsError, match="exists already"):
        new_dossier(path)
    assert {entry: entry.is_file() and entry.read_bytes() for entry in tmp_path.rglob("*")} == before


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(OSError, match="No space"):
        new_dossier(tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


def test_parents_are_made(tmp_path: Path) -> None:
    folder = new_dossier(tmp_path / "a" / "b" / "c")
    assert read_dossier(folder).claims
    assert [entry.name for entry in (tmp_path / "a" / "b").iterdir()] == ["c"]


def test_a_path_that_goes_up_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert new_dossier("../beside").resolve() == tmp_path / "beside"
