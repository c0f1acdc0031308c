"""Both languages say the same things, agree with their numbers, and promise nothing."""

import re
from collections.abc import Mapping

import pytest

from evenhand.dossier.records import Words
from evenhand.messages import message
from evenhand.words.catalogue import LANGUAGES, Catalogue, Raw

GAP = re.compile(r"\{(\w+)\}")
ARABIC_FORMS = {"zero", "one", "two", "few", "many", "other"}
COUNTED_NOUN = re.compile(r"\{n\} (?!فقط|تساوي)[ء-ي]{3,}")
ABSOLUTES = re.compile(
    r"\b(safe|safely|proven|proves|risk-free|guarantee\w*|cure[sd]?|harmless|miracle|100 ?%)\b", re.IGNORECASE
)
ABSOLUTES_AR = re.compile(r"(?<!\w)(آمن|آمنة|مضمون|مثبت علميًا|بلا أي خطر|بلا مخاطر)(?!\w)")
# A verdict on the claim 'it is safe' has to name what it denies.
ON_THE_CLAIM_OF_SAFETY = re.compile(r"^verdict\.rule\.safe_")

KEYS = sorted(Catalogue.load("en").messages)


def forms(entry: str | Mapping[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def gaps(entry: str | Mapping[str, str]) -> set[str]:
    return {gap for form in forms(entry) for gap in GAP.findall(form)}


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(Catalogue.load("ar").messages) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_gaps(key: str) -> None:
    english, arabic = (Catalogue.load(language).messages[key] for language in ("en", "ar"))
    assert isinstance(english, str) == isinstance(arabic, str), "a plural in one language is a plural in the other"
    # A plural form may name its number in words ('two', 'one') where the other language writes {n}.
    assert gaps(english) - {"n"} == gaps(arabic) - {"n"}
    if isinstance(english, str):
        assert gaps(english) == gaps(arabic)


def plurals(language: str) -> dict[str, Mapping[str, str]]:
    return {key: entry for key, entry in Catalogue.load(language).messages.items() if not isinstance(entry, str)}


def test_english_plurals_are_complete() -> None:
    assert {key for key, entry in plurals("en").items() if set(entry) - {"zero"} != {"one", "other"}} == set()


def test_arabic_plurals_are_complete() -> None:
    """All forms where people read the page; elsewhere at least those that a number before its noun takes."""
    assert {key for key, entry in plurals("ar").items() if not set(entry) <= ARABIC_FORMS} == set()
    for key, entry in plurals("ar").items():
        if key.startswith(("report.", "terminal.")):
            assert set(entry) == ARABIC_FORMS, key
        elif COUNTED_NOUN.search(entry["other"]):
            assert {"few", "many"} <= set(entry), key


@pytest.mark.parametrize(("n", "said"), [(0, "none"), (1, "one"), (2, "2 things")])
def test_english_plural_rule(n: int, said: str) -> None:
    forms = {"zero": "none", "one": "one", "other": "{n} things"}
    assert Catalogue("en", {"things": forms}).text("things", n=n) == said
    without_zero = Catalogue("en", {"things": {"one": "one", "other": "{n} things"}})
    assert without_zero.text("things", n=0) == "0 things"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised(language: str) -> None:
    pattern = ABSOLUTES_AR if language == "ar" else ABSOLUTES
    promises = {
        key: form
        for key, entry in Catalogue.load(language).messages.items()
        for form in forms(entry)
        if pattern.search(form) and not ON_THE_CLAIM_OF_SAFETY.match(key)
    }
    assert promises == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_clean(language: str) -> None:
    """No blank, no markup, no space at either end (except in what joins a list), every brace part of a gap."""
    for key, entry in Catalogue.load(language).messages.items():
        for form in forms(entry):
            assert form.strip(), key
            assert form == form.strip() or key in ("list.comma", "report.semicolon", "terminal.harm"), key
            assert not re.search(r"<[a-z/]", form), key
            assert "{" not in GAP.sub("", form) and "}" not in GAP.sub("", form), key


def test_arabic_is_written_in_arabic() -> None:
    strange = {
        key: form
        for key, entry in Catalogue.load("ar").messages.items()
        for form in forms(entry)
        if re.search("[A-Za-z]", GAP.sub("", form)) and not re.search("[\u0600-\u06ff]", form)
    }
    assert {key for key in strange if key.startswith(("report.", "terminal."))} == set()


@pytest.mark.parametrize(
    ("n", "form"),
    [
        (0, "zero"),
        (1, "one"),
        (2, "two"),
        (3, "few"),
        (103, "few"),
        (11, "many"),
        (199, "many"),
        (100, "other"),
        (2.5, "other"),
    ],
)
def test_arabic_plural_rule(n: float, form: str) -> None:
    """CLDR 46, cardinal rules of `ar`."""
    catalogue = Catalogue("ar", {"people": {name: name for name in ARABIC_FORMS}})
    assert catalogue.text("people", n=n) == form


def test_a_missing_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        Catalogue.load("en").text("no.such.sentence")
    with pytest.raises(KeyError):
        Catalogue.load("en").text("report.claim_number")


def test_gaps_take_numbers_words_messages_and_lists() -> None:
    catalogue = Catalogue("en", {"a": "{x}!", "b": "[{x}]", "list.comma": ", ", "list.last": "{head} and {tail}"})
    assert catalogue.text("a", x=1234.5678) == "1,235!"
    assert catalogue.text("a", x=Words("mild", "خفيف")) == "mild!"
    assert catalogue.text("a", x=message("b", x=["p", "q", "r"])) == "[p, q and r]!"
    assert catalogue.text("a", x=Raw("{y}")) == "{y}!"
    with pytest.raises(TypeError):
        catalogue.text("a", x=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.054, "0.054"),
        (-2.5, "−2.5"),
        (12345.0, "12,345"),
        (0.4331, "0.433"),
        (float("inf"), "∞"),
        (1e-9, "0"),
    ],
)
def test_numbers(value: float, written: str) -> None:
    assert Catalogue.load("en").number(value) == written


def test_numbers_keep_their_sign_in_front_in_arabic() -> None:
    assert Catalogue.load("ar").number(-5) == "\u2066−5\u2069"
