"""studies.csv, and the files of other programs that come close to it."""

import pytest

from evenhand.dossier.ledger import Ledger
from evenhand.dossier.records import Design, RiskOfBias, Words
from evenhand.dossier.studies_csv import read_studies


def test_a_row_of_every_column() -> None:
    ledger = Ledger("studies.csv")
    studies = read_studies(
        "study,label,year,design,risk_of_bias,risk_of_bias_reason,risk_of_bias_reason_ar,blinding,population,"
        "n_randomised,n_analysed,funding,source,note\n"
        "z16,Zubair 2016,2016,comparative,high,A third left,غادر ثلثهم,open,women,50,32,none,zubair,x\n".encode(),
        ledger,
    )
    assert not ledger.faults
    study = studies["z16"]
    assert (study.label, study.year, study.design) == ("Zubair 2016", 2016, Design.COMPARATIVE)
    assert (study.risk_of_bias, study.risk_of_bias_reason) == (RiskOfBias.HIGH, Words("A third left", "غادر ثلثهم"))
    assert (study.n_randomised, study.n_analysed, study.source, study.row) == (50, 32, "zubair", 2)
    assert [(mention.kind, mention.name) for mention in ledger.mentions] == [("source", "zubair")]


def test_what_is_not_reported_is_none() -> None:
    study = read_studies(b"study,design,source,n_analysed\na,survey,b,NA\n", Ledger("studies.csv"))["a"]
    assert study.label == "a"
    assert study.risk_of_bias is RiskOfBias.UNCLEAR
    assert (study.year, study.n_randomised, study.n_analysed, study.population) == (None, None, None, None)


@pytest.mark.parametrize(
    ("word", "risk"),
    [
        ("Low", RiskOfBias.LOW),
        ("Some concerns", RiskOfBias.SOME),
        ("High", RiskOfBias.HIGH),
        ("No information", RiskOfBias.UNCLEAR),
        ("Critical", RiskOfBias.HIGH),
        ("U", RiskOfBias.SOME),
        ("3", RiskOfBias.HIGH),
    ],
)
def test_robvis_and_cinema_words(word: str, risk: RiskOfBias) -> None:
    ledger = Ledger("studies.csv")
    content = f"Study,D1,D2,D3,D4,D5,Overall,Weight,design,source\na,Low,Low,Low,Low,Low,{word},1,randomised,b\n"
    studies = read_studies(content.encode(), ledger)
    assert not ledger.faults
    assert studies["a"].risk_of_bias is risk
    assert "studies.csv: column 'Overall' was read as 'risk_of_bias'" in ledger.notices


def test_a_faulty_row_is_still_a_study_that_exists() -> None:
    ledger = Ledger("studies.csv")
    assert read_studies(b"study,design,source\na,randomly,b\nshort\n", ledger) == {}
    assert ledger.known["study"] == {"a", "short"}
    assert len(ledger.faults) == 2


@pytest.mark.parametrize(
    ("word", "design"),
    [("RCT", Design.RANDOMISED), ("Randomized controlled trial", Design.RANDOMISED), ("single-arm", Design.ONE_ARM)],
)
def test_other_words_for_a_design_are_read_and_said(word: str, design: Design) -> None:
    ledger = Ledger("studies.csv")
    assert read_studies(f"study,design,source\na,{word},b\n".encode(), ledger)["a"].design is design
    assert ledger.notices == [f"studies.csv: design '{word}' was read as '{design}'"]


@pytest.mark.parametrize("word", ["cohort", "case series", "trial"])
def test_a_design_that_could_be_two_is_asked_for(word: str) -> None:
    ledger = Ledger("studies.csv")
    assert read_studies(f"study,design,source\na,{word},b\n".encode(), ledger) == {}
    (fault,) = ledger.faults
    assert fault.mend.endswith(f"write one of {', '.join(Design)}")
