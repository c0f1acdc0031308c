"""studies.csv: what kind of evidence each study is, from whom, and how far it can be trusted.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from evenhand.dossier.cells import Cells
from evenhand.dossier.csv_table import Columns, read_table
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.nearest import mend_of_word
from evenhand.dossier.records import Design, RiskOfBias, Study

FILE = "studies.csv"
COLUMNS = Columns(
    known=(
        "study",
        "label",
        "year",
        "design",
        "risk_of_bias",
        "risk_of_bias_reason",
        "risk_of_bias_reason_ar",
        "blinding",
        "population",
        "n_randomised",
        "n_analysed",
        "funding",
        "source",
        "note",
    ),
    required=("study", "design", "source"),
    aliases={
        "id": "study",
        "study_id": "study",
        "studyid": "study",
        "rob": "risk_of_bias",
        "overall": "risk_of_bias",
        "n_randomized": "n_randomised",
        "n_analyzed": "n_analysed",
        "study_label": "label",
        "studlab": "label",
    },
    # robvis: the domains behind 'Overall', and the weight of its plot; CINeMA: judged per outcome in dossier.yaml.
    passed_over=frozenset({"d1", "d2", "d3", "d4", "d5", "d6", "d7", "weight", "indirectness"}),
)
_RISK_ELSEWHERE = {
    "l": RiskOfBias.LOW,
    "1": RiskOfBias.LOW,
    "low risk": RiskOfBias.LOW,
    "low risk of bias": RiskOfBias.LOW,
    "u": RiskOfBias.SOME,
    "2": RiskOfBias.SOME,
    "some": RiskOfBias.SOME,
    "unclear": RiskOfBias.SOME,
    "unclear risk": RiskOfBias.SOME,
    "unclear risk of bias": RiskOfBias.SOME,
    "moderate": RiskOfBias.SOME,
    "h": RiskOfBias.HIGH,
    "high risk": RiskOfBias.HIGH,
    "high risk of bias": RiskOfBias.HIGH,
    "3": RiskOfBias.HIGH,
    "serious": RiskOfBias.HIGH,
    "critical": RiskOfBias.HIGH,
    "no information": RiskOfBias.UNCLEAR,
}
# What registers and reviews call the same designs. 'Cohort' and 'case series' are asked for: some compare, some do not.
_DESIGN_ELSEWHERE = {
    "rct": Design.RANDOMISED,
    "randomized": Design.RANDOMISED,
    "randomised trial": Design.RANDOMISED,
    "randomized trial": Design.RANDOMISED,
    "randomised controlled trial": Design.RANDOMISED,
    "randomized controlled trial": Design.RANDOMISED,
    "non-randomised": Design.COMPARATIVE,
    "non-randomized": Design.COMPARATIVE,
    "case-control": Design.COMPARATIVE,
    "single arm": Design.ONE_ARM,
    "single-arm": Design.ONE_ARM,
    "in vitro": Design.LABORATORY,
}
_FIRST_YEAR, _LAST_YEAR = 1700, 2200


def read_studies(content: bytes, ledger: Ledger) -> dict[str, Study]:
    """Every study that can be read, by id, in the order of the file."""
    table = read_table(content, COLUMNS, ledger)
    if table is None:
        return {}
    ledger.opens("study")
    lines: dict[str, int] = {}
    studies = {}
    for row in table.rows:
        cells = Cells(row, ledger, decimal_comma=table.decimal_comma)
        if not row.whole:
            # Its cells may stand in the wrong columns; only the first is sure.
            ledger.gives("study", [cells.written("study")])
            continue
        study = _study(cells)
        name = cells.written("study")
        if name in lines:
            cells.fault("study", f"the id stands in row {lines[name]} already", "one row a study; give each its own id")
        lines.setdefault(name, row.line)
        ledger.gives("study", [name])
        if study is not None and cells.ok:
            studies[study.id] = study
    return studies


def _study(cells: Cells) -> Study | None:
    name = cells.id("study", "give the study a short id, such as 'zubair2016'")
    year = cells.count("year", least=_FIRST_YEAR, what="the year")
    if year is not None and year > _LAST_YEAR:
        cells.fault("year", "not a year", "write four digits")
    design = cells.word("design", Design, _DESIGN_ELSEWHERE)
    if not cells.written("design"):
        cells.fault("design", "empty", mend_of_word("", Design))
    randomised = cells.count("n_randomised", least=1)
    analysed = cells.count("n_analysed")
    if randomised is not None and analysed is not None and analysed > randomised:
        cells.fault("n_analysed", f"{analysed} analysed of {randomised} randomised", "compare both with the source")
    source = cells.reference("source", "source", "write the key of an entry of sources.bib: every number has a source")
    risk = cells.word("risk_of_bias", RiskOfBias, _RISK_ELSEWHERE)
    reason = cells.words("risk_of_bias_reason")
    if name is None or design is None or source is None:
        return None
    return Study(
        id=name,
        label=cells.text("label") or name,
        year=year,
        design=design,
        risk_of_bias=risk or RiskOfBias.UNCLEAR,
        risk_of_bias_reason=reason,
        blinding=cells.text("blinding"),
        population=cells.text("population"),
        n_randomised=randomised,
        n_analysed=analysed,
        funding=cells.text("funding"),
        source=source,
        note=cells.text("note"),
        row=cells.line,
    )
