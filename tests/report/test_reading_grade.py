"""Plain words: the grade of Kincaid et al. (1975), Research Branch Report 8-75."""

import re
from itertools import product

import pytest

from evenhand.words.catalogue import Catalogue
from tests.report import assessments
from tests.report.test_html import page

ENGLISH = Catalogue.load("en")
# Terms of the field, each explained on the page, stand only in the parts for those who check.
FOR_READERS = re.compile(
    r"^report\.(answer|size|hands|scenarios|claims|cautions|unwell|unmeasured|verdict_meaning|flag|evidence|found|about|foot|findings|multiverse)\b"
)


def syllables(word: str) -> int:
    """Groups of vowels, a silent final e taken off; at least one."""
    word = re.sub(r"(?<=[^aeiouyl])e$|(?<=[^aeiouytd])ed$", "", word.lower())
    return max(1, len(re.findall("[aeiouy]+", word)))


def grade(text: str) -> float:
    """0.39 words a sentence + 11.8 syllables a word − 15.59."""
    sentences = [part for part in re.split(r"[.!?:;](?:\s|$)", text) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat sat on the mat.", -1.45),  # 6 words of one syllable: 2.34 + 11.8 − 15.59
        ("Physicians recommend immunisation. Patients hesitate.", 23.145),  # 0.39 · 5/2 + 11.8 · 16/5 − 15.59
    ],
)
def test_the_measure_itself(text: str, expected: float) -> None:
    assert grade(text) == pytest.approx(expected, abs=0.01)


def test_words_for_readers_stay_at_grade_8() -> None:
    """Whole sections of the catalogue, gaps filled with a short word."""
    for section in sorted({".".join(key.split(".")[:2]) for key in ENGLISH.messages if FOR_READERS.match(key)}):
        texts = []
        for key, entry in ENGLISH.messages.items():
            if key.startswith(f"{section}."):
                for form in [entry] if isinstance(entry, str) else entry.values():
                    if len(form.split()) >= 5:
                        texts.append(re.sub(r"\{\w+\}", "ten", form).rstrip(".:") + ".")
        if texts:
            assert grade(" ".join(texts)) <= 8, section


@pytest.mark.parametrize(
    ("name", "part"), list(product(("drawn", "each verdict", "nowhere measured"), ("lead", "claim-size")))
)
def test_answer_and_cards_stay_at_grade_8(name: str, part: str) -> None:
    read = page(name, "en")
    text = " ".join(element.words.replace(" Why we say this", "") + ". " for element in read.with_class(part))
    assert text.strip()
    assert grade(re.sub(r"[“”(),]|Claim <\w+> & more", " ", text)) <= 8


def test_the_answer_is_short() -> None:
    lead = page("drawn", "en").with_class("lead")[0].words
    assert len(lead.split()) <= 30
    assert assessments.drawn().answer.can_tell is False
