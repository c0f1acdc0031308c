"""sources.bib: entries as reference managers write them."""

import logging

import pytest

from evenhand.dossier.latex_text import latex_text
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.records import Source
from evenhand.dossier.sources_bib import read_sources


def read(text: str) -> tuple[dict[str, Source], Ledger]:
    ledger = Ledger("sources.bib")
    return read_sources(text.encode(), ledger), ledger


def test_an_entry() -> None:
    sources, ledger = read(
        """% a remark
        @article{zubair2016,
          title = {Efficacy of {IV} glutathione: 5\\% of {\\'E}tudes --- a trial},
          author = {M{\\"u}ller, Zo{\\'e} and {World Health Organization and Partners} and Ko\\v{c}, A.},
          journal = "J Pak Assoc Dermatol" # " (" # jp # ")",
          year = 2016, month = mar,
          url = {http://example.org/a_b%20c?x=1&y=~z},
          doi = {https://doi.org/10.1155/2020/8547960},
          pmid = 32373172,
          howpublished = {trial abstract},
        }
        @string{jp = {print}}
        """
    )
    assert not ledger.faults
    assert sources["zubair2016"] == Source(
        key="zubair2016",
        title="Efficacy of IV glutathione: 5% of Études — a trial",
        authors="Müller, Zoé and {World Health Organization and Partners} and Koč, A.",
        journal="J Pak Assoc Dermatol (print)",
        year="2016",
        doi="10.1155/2020/8547960",
        pmid="32373172",
        url="http://example.org/a_b%20c?x=1&y=~z",
        kind="trial abstract",
    )


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\'E}tude", "Étude"),
        (r"\'Etude", "Étude"),
        (r"\'{E}tude", "Étude"),
        (r"M\"uller, \"{O}zg\"ur", "Müller, Özgür"),
        (r"\c{c}a va, Ho\v{r}ej\v s\'\i", "ça va, Hořejší"),
        (r"\AA ngstr{\"o}m, {\o}re, stra{\ss}e, {\L}\'od\'z", "Ångström, øre, straße, Łódź"),
        (r"5\% \& 3\_4 \{x\}", "5% & 3_4 {x}"),
        ("1--2, a---b", "1–2, a—b"),
        ("``quoted''", "“quoted”"),
        ("{DNA} of {E. coli}", "DNA of E. coli"),
        (r"\emph{in vitro} and $\alpha$", "in vitro and α"),
        ("plain 100% & more_text", "plain 100% & more_text"),
        ("two\n  lines", "two lines"),
        (r"\unknown word", "unknownword"),
        ("عربي", "عربي"),
    ],
)
def test_latex(latex: str, text: str) -> None:
    assert latex_text(latex) == text


def test_broken_entries_hide_none_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sources, ledger = read(
            "@article{a, title={A}, url={https://a.org}}\n"
            "@article{b, title={never closed\n"
            "@article{c, title={C}, url={https://c.org}}\n"
            "@article{a, title={Again}, url={https://a.org}}\n"
            "@article{d, title={D}}\n"
        )
    assert list(sources) == ["a", "c"]
    assert [(fault.row, fault.value) for fault in ledger.faults] == [(2, "b"), (4, "a"), (5, "d")]
    # Its key counts as given, so that those who cite it are not blamed as well.
    assert ledger.known["source"] == {"a", "b", "c", "d"}
    assert not caplog.records


def test_a_comment_is_no_entry() -> None:
    sources, ledger = read("% only a remark, with = and {braces}\n")
    assert sources == {}
    assert not ledger.faults
    assert ledger.notices == ["sources.bib: no entries"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "example.org", "https://", "http://a b.org"]
)
def test_addresses_that_a_report_must_not_link(url: str) -> None:
    sources, ledger = read(f"@misc{{a, title={{A}}, url={{{url}}}}}")
    assert sources == {}
    assert ledger.faults[0].problem == "not a web address"
