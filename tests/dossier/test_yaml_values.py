"""YAML: the core schema of 1.2, each value with its place, and no bombs."""

import pytest

from evenhand.dossier.ledger import Ledger
from evenhand.dossier.yaml_values import DEEPEST, Document, Place, read_yaml


def read(text: str) -> Document:
    ledger = Ledger("d.yaml")
    document = read_yaml(text, ledger)
    assert not ledger.faults, ledger.faults
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("12:30:45", "12:30:45"),
        ("2026-11-23", "2026-11-23"),
        ("1_000", "1_000"),
        ('"12"', "12"),
        ("'true'", "true"),
        ('"\\u0645"', "م"),
        (".inf", ".inf"),
        ("[1, a, {b: c}]", [1, "a", {"b": "c"}]),
        (">\n  two\n  lines\n", "two lines\n"),
    ],
)
def test_scalars(text: str, value: object) -> None:
    found = read(f"key: {text}").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_places_are_those_of_an_editor() -> None:
    document = read("a: 1\nlist:\n  - x: [p, q]\n  -   y: 2\n")
    assert document.place(("a",)) == Place(1, 4)
    assert document.key_place(("list",)) == Place(2, 1)
    assert document.place(("list", 0, "x", 1)) == Place(3, 12)
    assert document.key_place(("list", 1, "y")) == Place(4, 7)
    assert document.place(("list", 1, "z")) == Place(4, 7)  # what is missing is missed where it would stand


def test_keys_are_texts() -> None:
    assert read("1: a\ntrue: b\n").value == {"1": "a", "true": "b"}


@pytest.mark.parametrize(
    ("text", "row", "character", "problem", "mend"),
    [
        ("a: &x [1]\nb: 2", 1, "4", "an anchor", "take it out"),
        ("a: 1\nb: *x", 2, "4", "an alias", "write the value out"),
        ("a: 1\n<<: *x", 2, "5", "an alias", "write the value out"),
        ("a: !!python/object/apply:os.system [ls]", 1, "4", "a tag", "in quotes"),
        ("a: !x b", 1, "4", "a tag", "in quotes"),
        ("a: 1\n---\nb: 2", 2, "1", "a second document", "one document"),
        ("%YAML 1.1\n---\na: 1", 2, "1", "version of YAML", "%YAML"),
        ("? [a, b]\n: c", 1, "3", "a key that is no plain text", "quotes"),
        ("a: b: c", 1, "5", "cannot be read", "colon"),
        ("a:\n\t- b", 2, "1", "cannot be read", "tab"),
        ("a: [b, c", 1, None, "cannot be read", "bracket"),
        ("a: {b: c\nd: e", None, None, "cannot be read", "bracket"),
        ('a: "b', 1, None, "cannot be read", "quotation mark"),
        ("a: 1\n  b: 2", 2, None, "cannot be read", ""),
        ("a: @b", 1, "4", "cannot be read", "sign"),
        ('a: "\\UFFFFFFFF"', 1, None, "cannot be read", "backslash"),
    ],
)
def test_refused(text: str, row: int | None, character: str | None, problem: str, mend: str) -> None:
    ledger = Ledger("d.yaml")
    assert read_yaml(text, ledger) is None
    (fault,) = ledger.faults
    assert problem in fault.problem
    assert mend in fault.mend
    assert row is None or fault.row == row
    assert character is None or fault.column == character


def test_a_key_that_stands_twice_hides_nothing_after_it() -> None:
    ledger = Ledger("d.yaml")
    document = read_yaml("a: 1\na: {b: [2]}\nc: 3\nc: 4\n", ledger)
    assert document is not None
    assert document.value == {"a": 1, "c": 3}
    assert [fault.row for fault in ledger.faults] == [2, 4]


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000, "a: " + "[" * (DEEPEST + 1)])
def test_nesting_has_an_end(text: str) -> None:
    ledger = Ledger("d.yaml")
    assert read_yaml(text, ledger) is None
    assert len(ledger.faults) == 1


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = 'a: &a ["x","x"]\n' + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)
    )
    ledger = Ledger("d.yaml")
    assert read_yaml(bomb, ledger) is None
    assert ledger.faults[0].problem == "an anchor (&)"


@pytest.mark.parametrize("escape", ["\\e[31m", "\\0", "\\x07", "\\u202e", "\\L"])
@pytest.mark.parametrize("text", ['a: "x{}y"', '"x{}y": a', 'a: [b, "x{}y"]'])
def test_an_escape_brings_no_hidden_character_back(text: str, escape: str) -> None:
    ledger = Ledger("d.yaml")
    read_yaml(text.format(escape), ledger)
    (fault,) = ledger.faults
    assert "an escape that stands for an invisible control character" in fault.problem
    assert fault.row == 1
    assert str(fault).isprintable()
