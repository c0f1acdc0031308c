"""Citing Medicine, 2nd ed., chapter 1: authors, title, journal, year; and links that lead to the web."""

import pytest

from evenhand.dossier.records import Source
from evenhand.report.vancouver import authors_line, is_web_address, links, vancouver


@pytest.mark.parametrize(
    ("authors", "written"),
    [
        ("Halpern, Scott D. and Ubel, Peter A.", "Halpern SD, Ubel PA"),
        ("Scott D. Halpern and Peter A. Ubel", "Halpern SD, Ubel PA"),
        ("Zubair S, Hafeez S, Mujtaba G", "Zubair S, Hafeez S, Mujtaba G"),
        ("Zubair S and Hafeez S", "Zubair S, Hafeez S"),
        ("{World Health Organization}", "World Health Organization"),
        ("Rose, M.-E. and others", "Rose ME, et al"),
        (
            "Ant, B and Cat, D and Elk, F and Gnu, H and Ibis, J and Kite, L and Mole, N",
            "Ant B, Cat D, Elk F, Gnu H, Ibis J, Kite L, et al",
        ),
        ("van der Bles, Anne Marthe", "van der Bles AM"),
    ],
)
def test_authors(authors: str, written: str) -> None:
    assert authors_line(authors) == written


def test_reference_in_full() -> None:
    source = Source(
        key="k",
        authors="Halpern, Scott D. and Ubel, Peter A. and Caplan, Arthur L.",
        title="Solid-organ transplantation in HIV-infected patients",
        journal="N Engl J Med",
        year="2002",
    )
    assert vancouver(source) == (
        "Halpern SD, Ubel PA, Caplan AL. Solid-organ transplantation in HIV-infected patients. N Engl J Med. 2002."
    )


def test_what_is_not_said_is_left_out() -> None:
    assert vancouver(Source(key="k", title="Is it safe?", journal=" ")) == "Is it safe?"


def test_links_in_order() -> None:
    source = Source(key="k", title="T", doi="https://doi.org/10.1/x", pmid=" 12 ", url="https://example.org/a?b=c")
    assert links(source) == (
        ("doi:10.1/x", "https://doi.org/10.1/x"),
        ("PMID 12", "https://pubmed.ncbi.nlm.nih.gov/12/"),
        ("example.org", "https://example.org/a?b=c"),
    )


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//example.org", "data:,x", "http://[", "mailto:a@b", ""])
def test_only_web_addresses_become_links(address: str) -> None:
    assert not is_web_address(address)
    assert links(Source(key="k", title="T", url=address)) == ()
