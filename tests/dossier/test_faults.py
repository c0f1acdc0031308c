"""Every fault a dossier can have: broken on purpose, found at its file, row and column, with its mend."""
# ruff: noqa: E501 - a table is read across

from collections.abc import Callable
from pathlib import Path

import pytest

from evenhand.dossier import DossierError, Fault, find_faults, read_dossier
from tests.dossier.conftest import line_of, replace

Y, R, S, P, B = "dossier.yaml", "results.csv", "studies.csv", "parameters.csv", "sources.bib"
RELIEF = "example_trial,relief,example,example,,6,10,1,6,50,48,30,62.5,,,,,,0.014,two arms,,,example_trial,read"
DUMMY = "example_trial,relief,placebo,dummy,,6,0,1,6,50,48,18,37.5,,,,,,,,,,example_trial,read,"
HEADACHE = "example_trial,headache,example,example,,6,10,1,6,50,48,9,18.8,,,,,,,,,,example_trial,read,"
SLEEP = "example_trial,sleep,example,example,,6,10,1,6,50,,,,,,,,,,,not reported,,example_trial,read,"
ALLERGY = "example_case,allergy,example,one patient,,,10,,,,,1,,,,,,,,,happened,,example_case,read,"
TRIAL = "example_trial,Example trial (invented),2024,randomised,some concerns"
COUNTED = "probability,,estimate,example_trial,read"
REMEMBERED = "0.003,0.001,0.008,95%,,,probability,,estimate,example_trial,memory"
MOST_LINES = 4


def difference(**cells: str) -> str:
    """A row of results.csv that holds a printed difference."""
    row = {
        "study": "example_trial",
        "outcome": "relief",
        "treatment": "example",
        "arm": "difference",
        "comparator": "placebo",
        "followup_weeks": "6",
        "source": "example_trial",
    } | cells
    columns = (
        "study,outcome,treatment,arm,comparator,followup_weeks,dose_mg,sessions_per_week,weeks,n_randomised,n,events,"
        "percent,mean,sd,se,ci_lower,ci_upper,p_value,p_test,status,direction,source,seen,note"
    )
    return ",".join(row.get(column, "") for column in columns.split(","))


# file, what stands there, what is put in its place, row (by a piece of its line), column, problem, mend
FAULTS = [
    # people
    (R, ",48,30,62.5", ",48,57,62.5", "57,62.5", "events", "57 events among 48 participants", "compare 'events' and 'n'"),
    (R, ",48,30,62.5", ",48,-3,62.5", "-3,62.5", "events", "not be below 0", "compare"),
    (R, ",50,48,30,", ",50,-48,30,", "-48,30", "n", "not be below 1", "compare"),
    (R, ",50,48,30,", ",50,,30,", "50,,30", "n", "events without the number of people", "fill 'n'"),
    (R, ",50,48,30,", ",50,4O,30,", "4O", "n", "not a whole number", "did you mean 40"),
    (R, ",50,48,30,", ",50,48.5,30,", "48.5", "n", "not a whole number", "people are counted whole"),
    (R, ",50,48,30,", ",50,51,30,", "51,30", "n", "51 analysed of 50 randomised", "compare 'n' and 'n_randomised'"),
    (R, ",50,48,30,", ',50,"1,048",30,', "1,048", "n", "not a whole number", "write 1048, or 1.048"),
    (R, ",48,30,62.5", ",48,30,162.5", "162.5", "percent", "outside 0 to 100", "compare"),
    (R, ",48,30,62.5", ",48,30,viele", "viele", "percent", "not a number", "leave the cell empty"),
    (R, "example,,6,10,1,6,50,48,30", "example,,-6,10,1,6,50,48,30", "-6,10", "followup_weeks", "below 0", "compare"),
    (R, "example,,6,10,1,6,50,48,30", "example,,6,-10,1,6,50,48,30", "-10,1", "dose_mg", "below 0", "compare"),
    (R, ",48,30,62.5,,,,,,0.014", ",1e15,30,62.5,,,,,,0.014", "1e15", "n", "more people than there are", "digits"),
    # figures and status
    (R, SLEEP, SLEEP.replace("not reported", ""), "sleep", "status", "no figures and no status", "'not reported'"),
    (R, ",50,,,,,,,,,,,not reported", ",50,48,3,,,,,,,,,not reported", ",not reported", "status", "'events' stands", "0 is a figure"),
    (R, SLEEP, SLEEP.replace("not reported", "counted"), "sleep", "status", "no figures stand", "fill them in"),
    (R, SLEEP, SLEEP.replace("not reported", "direction"), "sleep", "direction", "empty, though", "better"),
    (R, SLEEP, SLEEP.replace("reported,,", "reported,worse,"), "sleep", "direction", "filled, though", "empty it"),
    (R, SLEEP, SLEEP.replace("not reported", "not reportd"), "sleep", "status", "not one of", "mean 'not reported'"),
    (R, ALLERGY, ALLERGY.replace(",,1,", ",1,1,"), "one patient", "n", "events of n people", "'counted'"),
    (R, "1,,,,,,,,,happened", ",,3.5,,,,,,,happened", "3.5", "mean", "the status is 'happened'", "'counted'"),
    (R, "1,,,,,,,,,happened", "1,,,,,,,,,said", "said", "events", "the status is 'said'", "'counted'"),
    (R, "50,48,30,62.5,,,,,,0.014,two arms,,", "50,48,30,62.5,,,,,,0.014,two arms,direction,better", "0.014", "status",
     "'events' and 'percent' stands", "empty the status"),
    (R, ",0.014,two arms", ",1.4,two arms", "1.4,two", "p_value", "outside 0 to 1", "compare"),
    (R, ",0.014,two arms", ",small,two arms", "small", "p_value", "not a p-value", "<0.001"),
    (R, ",0.014,two arms", ",0.014,two sides", "two sides", "p_test", "not one of", "two arms"),
    (R, RELIEF, RELIEF.replace("example_trial,read", ",read"), "0.014", "source", "a figure without a source", "key"),
    (R, RELIEF, RELIEF[:-4] + "memory", "0.014", "seen", "a remembered figure", "belongs in parameters.csv"),
    (R, RELIEF, RELIEF[:-4] + "maybe", "0.014", "seen", "not one of", "'inferred'"),
    (R, DUMMY, RELIEF + ",", RELIEF + ",\n", "study", "as row 2", "keep one row"),
    # spread and intervals, on a scale
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,,,3.1,-1,,,,,,,,example_trial,,", "3.1", "sd", "above 0", "compare"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,,,3.1,0,,,,,,,,example_trial,,", "3.1", "sd", "above 0", "compare"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,,,3.1,1,0,,,,,,,example_trial,,", "3.1", "se", "above 0", "compare"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,,,3.1,1,2,,,,,,,example_trial,,", "3.1", "se",
     "above the standard deviation 1", "exchange"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,,,,3.1,1,,,,,,,,example_trial,,", "3.1", "n", "a mean without", "fill"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,3,,,,,,,,,,,example_trial,,", "48,3,,", "events", "is a scale", "'sd'"),
    (R, ",48,30,62.5,,", ",48,30,62.5,1.5,", "62.5,1.5", "mean", "counted in people", "'events'"),
    (R, SLEEP, "example_trial,sleep,example,example,,6,,,,,48,,,1e999,1,,,,,,,,example_trial,,", "1e999", "mean", "too large", "exp"),
    (R, SLEEP, difference(mean="1.6", ci_lower="2", ci_upper="1.2"), "difference", "ci_lower", "above the upper", "exchange"),
    (R, SLEEP, difference(mean="1.6", ci_lower="1.2"), "difference", "ci_upper", "'ci_lower' is filled", "both limits"),
    (R, SLEEP, difference(mean="-0.4", ci_lower="0.1", ci_upper="0.9"), "difference", "mean", "ratio (RR)", "not its log"),
    (R, SLEEP, difference(mean="0.4", ci_lower="0", ci_upper="1.1"), "difference", "ci_lower", "ratio (RR)", "not its log"),
    (R, SLEEP, difference(events="4", n="50"), "difference", "events", "row of differences", "its own row"),
    (R, SLEEP, difference(mean="1.6", comparator="example"), "difference", "comparator", "with itself", "compared with"),
    # names
    (R, DUMMY, DUMMY.replace("relief", "releif"), "releif", "outcome", "no outcome has this id", "'relief'"),
    (R, DUMMY, DUMMY.replace("placebo", "plcebo"), "plcebo", "treatment", "no treatment has this id", "'placebo'"),
    (R, DUMMY, DUMMY.replace(",,6,0", ",nothng,6,0"), "nothng", "comparator", "no treatment has this id", "'nothing'"),
    (R, DUMMY, DUMMY.replace("example_trial,relief", "exampel_trial,relief"), "exampel", "study", "no study", "'example_trial'"),
    (R, DUMMY, DUMMY.replace("example_trial,read", "example_tial,read"), "example_tial", "source", "sources.bib", "'example_trial'"),
    (S, "not assessed,,,,one adult,,,,example_case", "not assessed,,,,one adult,,,,other", "other", "source", "key", "example_case"),
    (Y, "baseline: headache_risk", "baseline: headache_rsk", "headache_rsk", "15", "no parameter", "'headache_risk'"),
    (Y, "reuse: reused_needles", "reuse: reused_needle", "reused_needle}", "66", "no parameter", "'reused_needles'"),
    (Y, "outcome: relief #", "outcome: releif #", "releif", "14", "no outcome has this id", "'relief'"),
    (Y, "    outcome: headache", "    outcome: headaches", "outcome: headaches", "14", "no outcome has this id", "'headache'"),
    (Y, "main_benefit: relief", "main_benefit: relif", "relif", "17", "no outcome has this id", "'relief'"),
    (Y, "    claim: H4", "    claim: H44", "H44", "12", "no claim has this id", "'H4'"),
    (Y, "stands_for: nothing", "stands_for: nothin", "nothin ", "17", "no treatment has this id", "'nothing'"),
    (Y, "only_with: needle #", "only_with: needles #", "needles #", "16", "no treatment has this feature", "'needle'"),
    (Y, "sources: [example_case]", "sources: [example_cas]", "example_cas]", "15", "no entry of sources.bib", "'example_case'"),
    (Y, "threshold_source: example_trial", "threshold_source: nobody", "nobody", "23", "no entry of sources.bib", "example_trial"),
    # ids
    (Y, "  - id: B1", '  - id: "<b>1"', "<b>1", "9", "not an id", "letters"),
    (Y, "  - id: B1", "  - id: 1", "id: 1", "9", "not an id", "quotes"),
    (Y, "  sleep: #", "  sle ep: #", "sle ep: #", "3", "'sle ep' is not an id", "letters"),
    (S, TRIAL, TRIAL.replace("example_trial", "<i>trial"), "<i>trial", "study", "not an id", "letters"),
    (B, "@misc{example_case", "@misc{example<case", "example<case", None, "not a key", "letters"),
    (P, "headache_risk,", "headache-risk,", "headache-risk", "name", "not a name", "letters"),
    (P, "headache_risk,", "max,", "max,", "name", "function of formulas", "another name"),
    # dossier.yaml
    (Y, "  - id: H1", "  - id: B1", "id: B1\n    text: {en: \"It gives", "9", "stands in row", "its own id"),
    (Y, "    outcome: headache\n", "", "id: H1", "5", "a claim without an outcome", "add 'outcome"),
    (Y, "    default: true\n", "", "scenarios:", "1", "no default scenario", "default: true"),
    (Y, "    note: {en: \"How often", "    default: true\n    note: {en: \"How often", "default: true\n    note", "14",
     "a second default scenario", "keep one"),
    (Y, "    unit: {en: people, ar: أشخاص} # for a scale: its unit\n", "", "relief: #", "3", "'unit' is missing", "add 'unit"),
    (Y, "    hand: benefit #", "    hnad: benefit #", "hnad", "5", "unknown key 'hnad'", "'hand'"),
    (Y, "    type: binary #", "    type: binry #", "binry", "11", "not one of its words", "'binary'"),
    (Y, "    says: helps #", "    says: help #", "says: help ", "11", "not one of its words", "'helps'"),
    (Y, "    kind: curve", "    kind: curves", "curves", "11", "not one of its words", "'curve'"),
    (Y, "    default: true", "    default: yes", "default: yes", "14", "neither true nor false", "write true"),
    (Y, "    threshold: 50 #", "    threshold: \"50\" #", "threshold: \"50", "16", "not a number", "without quotes"),
    (Y, "    threshold: 50 #", "    threshold: 0 #", "threshold: 0 ", "16", "above 0", "smallest difference"),
    (Y, "    threshold: 50 #", "    threshold: 5000 #", "5000", "16", "more people than 1,000", "of 1,000"),
    (Y, "    measure: RR #", "    measure: MD #", "measure: MD", "14", "no measure of a binary outcome", "OR"),
    (Y, "    better: higher #", "    #", "sleep: #", "3", "'better' is missing", "better: higher"),
    (Y, "features: [needle]", "features: needle", "features: needle", "15", "not a list", "[a, b]"),
    (Y, "name: {en: \"No treatment\", ar: \"بلا علاج\"}", "name: {ar: \"بلا علاج\"}", "name: {ar:", "11", "no English text", "en: "),
    (Y, "name: {en: \"No treatment\", ar: ", "name: {en: \"No treatment\", fr: ", "fr:", "36", "no such language", "en or ar"),
    (Y, "name: {en: \"No treatment\"", "name: {en: \"  \"", "\"  \"", "16", "an empty text", "write it"),
    (Y, "evenhand: 1 #", "evenhand: 2 #", "evenhand: 2", "11", "a version of the format", "evenhand: 1"),
    (Y, "searched: 2026-01-15", "searched: 15.1.2026", "15.1.2026", "13", "not a date", "2026-11-23"),
    (Y, "next_review: 2027-01-15", "next_review: 2025-01-15", "2025-01-15", "16", "before the search", "after 2026-01-15"),
    (Y, "  comparator: nothing # id", "  comparator: example # id", "comparator: example", "15", "with itself", "compared with"),
    (Y, "main_benefit: relief", "main_benefit: headache", "main_benefit: headache", "17", "is a harm", "come for"),
    (Y, "        steps: -1", "        steps: 1", "steps: 1", "16", "steps outside -3 to 0", "negative"),
    (Y, "      indirectness:", "      indirectnes:", "indirectnes:", "7", "no domain of GRADE", "'indirectness'"),
    (Y, "      from: 0", "      from: 1", "from: 1", "13", "'from' is not below 'to'", "exchange"),
    (Y, "    kind: curve", "    kind: bars", "over:\n", "5", "'over' belongs to a curve", "take it out"),
    (Y, "    hand: benefit #", "    hand: benefit\n    hand: harm #", "hand: harm # ", "5", "stands twice", "keep one"),
    (Y, "good than harm?\", ar: \"", "good than harm?\" ar: \"", "title:", None, "cannot be read", "bracket"),
    (Y, "  treatment: example # id", "\ttreatment: example # id", "\ttreatment", None, "cannot be read", "tab"),
    (Y, "who: {en: \"You once had an allergic reaction to it\", ar: \"سبق أن أصابك تفاعل تحسسي منه\"}", "who: Note: this",
     "who: Note", None, "cannot be read", "quotes"),
    # formulas
    (Y, "reuse * infection_risk)", "reuse * infectoin_risk)", "infection: #", None, "gives 'infectoin_risk'", "'infection_risk'"),
    (Y, "formula: 1 - (1 - reuse * infection_risk) ** sessions", "formula: \"__import__('os')\"", "__import__", "14",
     "''' does not belong in a formula at character 12", "numbers, names"),
    (Y, "formula: 1 - (1 - reuse * infection_risk) ** sessions", "formula: \"__import__\"", "infection: #", None,
     "gives '__import__'", "parameters.csv"),
    (Y, "formula: 1 - (1 -", "formula: 1 - ((1 -", "formula: 1", "14", "a bracket is never closed", "close it"),
    (Y, "weeks: 6, reuse: 0}", "weeks: 6}", "infection: #", None, "scenario 'careful' gives no value to 'reuse'", "(row 116)"),
    (Y, "      variable: reuse #", "      variable: weeks_on #", "id: infection-by", None, "'weeks_on' does not occur", "formula"),
    (Y, "        values: {sessions: 6}", "        values: {sesions: 6}", "id: infection-by", None, "'sesions' does not", "'sessions'"),
    (Y, "    outcome: infection\n    kind", "    outcome: sleep\n    kind", "id: infection-by", None, "no formula to draw", "'measured'"),
    # parameters
    (P, REMEMBERED, REMEMBERED.replace("probability", ""), "infection_risk", "unit", "without a unit", "write one"),
    (P, REMEMBERED, REMEMBERED.replace("0.003,", "1.2,"), "1.2", "value", "outside its support", "'support'"),
    (P, REMEMBERED, REMEMBERED.replace("0.003,0.001", "0.003,0.004"), "0.004", "low", "above the value 0.003", "compare"),
    (P, REMEMBERED, REMEMBERED.replace("0.008", "0.002"), "0.002", "high", "below the value 0.003", "compare"),
    (P, REMEMBERED, REMEMBERED.replace("0.008", ""), "0.003", "high", "'low' is filled", "both limits or neither"),
    (P, REMEMBERED, REMEMBERED.replace("0.003,0.001,0.008", ",,"), "memory", "value", "no value", "'events' and 'n'"),
    (P, REMEMBERED, REMEMBERED.replace("95%", "90%"), "90%", "interval", "not one of", "'range'"),
    (P, REMEMBERED, REMEMBERED.replace("0.003", "0;003"), "0;003", "value", "not a number", "digits"),
    (P, REMEMBERED, REMEMBERED.replace("0.003", '"0,003"'), "0,003", "value", "a decimal comma", "write 0.003"),
    (P, REMEMBERED, REMEMBERED.replace("0.003", '"1,003"'), "1,003", "value", "can be read as 1003 or as 1.003", "write 1003, or 1.003"),
    (P, REMEMBERED, REMEMBERED.replace("estimate", "estimat"), "estimat,", "kind", "not one of", "'estimate'"),
    (P, COUNTED, COUNTED.replace("example_trial", ""), "headache_risk", "source", "without a source", "'assumption'"),
    (P, COUNTED, COUNTED.replace("example_trial", "trial"), "headache_risk", "source", "sources.bib", "example_trial"),
    (P, ",,,,50,500,", ",,,,501,500,", "501", "events", "501 events among 500 people", "compare"),
    (P, ",,,,50,500,", ",,,,50,,", "50,,", "n", "without the number of people", "fill 'n'"),
    (P, ",,,,50,500,", "0.1,,,,50,500,", "0.1,,,,50", "value", "beside 'events' and 'n'", "empty it"),
    (P, "reused_needles,", "infection_risk,", "infection_risk,Share", "name", "stands in row 3 already", "one row"),
    # studies
    (S, TRIAL, TRIAL.replace("randomised", "randomly"), "randomly", "design", "not one of", "'randomised'"),
    (S, TRIAL, TRIAL.replace("randomised", ""), "2024", "design", "empty", "one of randomised"),
    (S, TRIAL, TRIAL.replace("2024", "24"), ",24,", "year", "below 1700", "compare the year"),
    (S, ",100,96,", ",100,196,", "196", "n_analysed", "196 analysed of 100 randomised", "compare both"),
    (S, "example_case,Example", "example_trial,Example case", "Example case", "study", "row 2 already", "its own id"),
    # tables
    (S, "study,label,", "study,lable,", "lable", "lable", "unknown column", "'label'"),
    (R, "study,outcome,treatment,", "study,outcome,tretment,", "tretment", "tretment", "unknown column", "'treatment'"),
    (R, "study,outcome,treatment,arm", "study,outcome,treatment,t", "study,outcome", "treatment", "2 columns for the same", "one"),
    (R, ",50,48,30,", ",50,48,30,,", "48,30,,", None, "26 cells under 25 columns", "quotation marks"),
    (R, DUMMY, "example_trial,relief", "example_trial,relief\n", None, "2 cells under 25 columns", "separator"),
    (R, "\"invented; 30 of 48 people", "\"invented \"30\" of 48 people", "invented", None, "a quotation mark inside", '""'),
    (R, "one patient", "\"one patient", "\"one patient", None, "quot", '""'),
    # sources
    (B, "  title = {An invented trial of the example treatment},\n", "", "example_trial,", None, "without a title", "title ="),
    (B, "  url = {https://example.org/trial},\n", "", "example_trial,", None, "where it was read", "url ="),
    (B, "https://example.org/trial", "javascript:alert(1)", "javascript", None, "not a web address", "https://"),
    (B, "@misc{example_case", "@misc{example_trial", "@misc", None, "stands twice", "row 4"),
    (B, "year = {2025},", "title = {Again},", "@misc", None, "a field twice (title)", "keep one"),
    (B, "year = {2025},", "doi = {doi 10},", "doi 10", None, "not a DOI", "10.1155"),
    (B, "year = {2025},", "pmid = {PM12},", "PM12", None, "not a PubMed number", "digits"),
    (B, "year = {2025},", "year = MMXXV,", "@misc", None, "a value without braces", "{2016}"),
    (B, "with an allergic reaction to the example treatment},", "never closed", "@misc", None, "cannot be read", "brace"),
    (B, "@misc{example_case", "misc{example_case", "misc{example_case", None, "text outside of any entry", "@article"),
]  # fmt: skip


def names_of(faults: list[tuple[str | None, ...]]) -> list[str]:
    return [f"{number}-{case[5]}"[:60] for number, case in enumerate(faults)]


@pytest.mark.parametrize(("file", "old", "new", "at", "column", "problem", "mend"), FAULTS, ids=names_of(FAULTS))
def test_fault(
    file: str,
    old: str,
    new: str,
    at: str,
    column: str | None,
    problem: str,
    mend: str,
    blank: Path,
    faults_after: Callable[..., tuple[Fault, ...]],
) -> None:
    faults = faults_after(file, old, new)
    row = line_of(blank / file, at)
    found = [fault for fault in faults if fault.file == file and problem in fault.problem and mend in fault.mend]
    assert found, f"found instead: {[str(fault) for fault in faults]}"
    assert found[0].row == row, str(found[0])
    assert column is None or found[0].column == column, str(found[0])
    # A slip costs its author a few lines at most, never a screenful.
    assert len(faults) <= MOST_LINES, [str(fault) for fault in faults]


def test_fresh_dossier_has_no_fault(blank: Path) -> None:
    assert find_faults(blank) == ()


def test_ten_faults_in_five_files_at_once(blank: Path) -> None:
    slips = [
        (R, ",48,30,62.5", ",48,57,62.5", "57 events among 48 participants"),
        (R, DUMMY, DUMMY.replace("placebo", "plcebo"), "no treatment has this id"),
        (R, ",0.014,two arms", ",2.014,two arms", "a p-value outside 0 to 1"),
        (S, TRIAL, TRIAL.replace("randomised", "randomly"), "not one of its words"),
        (S, "one adult,,,,example_case", "one adult,,,,nobody", "no entry of sources.bib has this key"),
        (P, REMEMBERED, REMEMBERED.replace("0.003", "1.2"), "outside its support 0..1"),
        (Y, "    hand: benefit #", "    hand: good #", "outcomes.relief.hand: not one of its words"),
        (Y, "  - id: H1", "  - id: H2", "claims: the id stands in row"),
        (Y, "formula: 1 - (1 -", "formula: 1 - ((1 -", "a bracket is never closed"),
        (B, "https://example.org/trial", "ftp://example.org/trial", "not a web address"),
    ]
    for file, old, new, _ in slips:
        replace(blank / file, old, new)
    with pytest.raises(DossierError) as caught:
        read_dossier(blank)
    said = str(caught.value)
    assert [problem for *_, problem in slips if problem not in said] == []
    assert {fault.file for fault in caught.value.faults} == {Y, R, S, P, B}
    places = [(fault.file, fault.row or 0) for fault in caught.value.faults]
    assert places == sorted(places)


def test_an_unreadable_file_hides_no_fault_of_another(blank: Path) -> None:
    (blank / Y).write_text("a: [", encoding="utf-8")
    replace(blank / R, ",48,30,62.5", ",48,57,62.5")
    (blank / B).unlink()
    faults = find_faults(blank)
    assert {fault.file for fault in faults} == {Y, R, B}
    # Names that only the unreadable files give are not called unknown.
    assert not [fault for fault in faults if "has this" in fault.problem]


def test_a_fault_reads_as_a_sentence(faults_after: Callable[..., tuple[Fault, ...]]) -> None:
    (fault,) = faults_after(R, ",48,30,62.5", ",48,57,62.5")
    assert str(fault) == (
        "results.csv, row 2, column 'events': 57 events among 48 participants (found: 57). "
        "Mend: compare 'events' and 'n' with the source."
    )


def test_every_mend_is_a_clause(faults_after: Callable[..., tuple[Fault, ...]]) -> None:
    for fault in faults_after(Y, "    hand: benefit #", "    hnad: benefit #"):
        assert not fault.mend.endswith(".")
        assert not fault.problem.endswith(".")
