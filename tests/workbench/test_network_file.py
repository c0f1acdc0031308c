"""A file of many treatments: read in both shapes, answered by every method, and the Python that does it again."""

import contextlib
import csv
import io
import json
import math

import numpy as np
import pytest

from evenhand.dossier.faults import DossierError
from evenhand.report.network_json import network_json
from evenhand.report.network_pictures import NETWORK_PICTURES
from evenhand.report.network_text import network_text
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.words import LANGUAGES
from evenhand.workbench.network_answer import ANSWERS, answer_of_network
from evenhand.workbench.network_code import code_of_network
from evenhand.workbench.network_file import read_network_file
from tests.conftest import golden
from tests.figures.reading import parsed
from tests.workbench.files import written

# A loop of three treatments, one study of all three, and one treatment that hangs on by one study.
ARMS = """\
study,treatment,events,n
1,A,10,50
1,B,15,52
2,B,12,40
2,C,20,41
3,A,5,30
3,C,11,33
4,A,8,60
4,B,14,61
4,C,19,59
5,C,9,25
5,D,4,26
"""
MEANS = "study,treatment,mean,sd,n\n1,x,10,2,20\n1,y,8,2.5,22\n2,x,9,2.2,30\n2,y,8.5,2,28\n"
APART = "study,treat1,treat2,yi,sei\n1,a,b,0.2,0.1\n2,c,d,0.3,0.2\n"


def answered(folder, text, measure=None, reference=None, **options):
    return answer_of_network(read_network_file(written(folder, text), measure, reference=reference), **options)


def rows_of(case):
    """A reference case as the file that netmeta's users have."""
    text = io.StringIO()
    names = ("studlab", "treat1", "treat2", "TE", "seTE")
    table = csv.writer(text)
    table.writerow(names)
    table.writerows(zip(*(case["data"][name] for name in names), strict=True))
    return text.getvalue()


@pytest.mark.parametrize("file", ["network.json", "network_reml.json"])
def test_whole_reference_files_as_the_command_prints_them(tmp_path, file):
    cases = [case for case in golden(file) if case["task"] == "network" and "TE" in case["data"]]
    assert cases
    for case in cases:
        expected, options = case["expected"], case["options"]
        method = options["method_tau"]
        if options["sm"] == "SMD" and method != "DL":
            # The reference's tau2 is of another covariance than its effects: tests/reference/README.md.
            continue
        small = options.get("small_values", "desirable") == "desirable"
        one = answered(tmp_path, rows_of(case), None, options["reference"], method=method, small_values_good=small)
        printed = json.loads(network_json(one))
        close = {"rel": 1e-8, "abs": 1e-10} if method == "DL" else {"rel": 1e-6, "abs": 1e-8}
        assert printed["tau2"] == pytest.approx(expected["tau2"], **close), case["id"]
        effects = {effect["treatment"]: effect for effect in printed["effects"]}
        assert effects[options["reference"]] == {
            "treatment": options["reference"], "estimate": 0, "se": 0, "lower": 0, "upper": 0,
        }, case["id"]  # fmt: skip
        for name, estimate, se in zip(
            expected["vs_ref"], expected["random"]["TE"], expected["random"]["se"], strict=True
        ):
            assert effects[name]["estimate"] == pytest.approx(estimate, **close), (case["id"], name)
            assert effects[name]["se"] == pytest.approx(se, **close), (case["id"], name)
        apart = expected.get("decomp_design", {}).get("Q_inc_random")
        if apart and apart["pval"][0] is not None and apart["tau.within"][0] is not None and method == "DL":
            found = (printed["incoherence"]["q"], printed["incoherence"]["p_value"])
            assert found == pytest.approx((apart["Q"][0], apart["pval"][0]), rel=1e-6, abs=1e-8), case["id"]
        if "pscore_random" in expected:
            for name, score in zip(expected["trts"], expected["pscore_random"], strict=True):
                assert printed["p_scores"][name] == pytest.approx(score, **close), (case["id"], name)


@pytest.mark.parametrize("method", ANSWERS)
def test_every_method_and_its_code_give_the_same_numbers(tmp_path, method):
    one = answered(tmp_path, ARMS, reference="A", method=method, small_values_good=False)
    assert one.method == method
    assert one.file.measure.name == "OR"
    assert np.isfinite(one.estimate).all()
    assert (one.ci_lower[1:] < one.estimate[1:]).all()
    assert (one.estimate[1:] < one.ci_upper[1:]).all()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code_of_network(one, tmp_path / "studies.csv"), {})  # noqa: S102  # our own script
    again = [line.split() for line in printed.getvalue().splitlines()]
    assert [float(line[1]) for line in again] == one.estimate.tolist()
    assert [float(line[3]) for line in again] == one.p_scores.tolist()


def test_the_exact_posterior_has_sucra_and_says_its_priors(tmp_path):
    one = answered(tmp_path, ARMS, reference="A", method="BAYES", small_values_good=False)
    printed = json.loads(network_json(one))
    posterior = network_posterior(one.file.evidence)
    assert list(printed["sucra"].values()) == posterior.sucra(small_values_good=False).tolist()
    assert math.fsum(printed["sucra"].values()) == pytest.approx(len(one.treatments) / 2, rel=1e-9)
    assert printed["prior_effects"] == "flat"
    c = next(effect for effect in printed["effects"] if effect["treatment"] == "C")
    exact = posterior.effect("C")
    assert (c["estimate"], c["lower"]) == pytest.approx((exact.quantile(0.5), exact.quantile(0.025)), rel=1e-9)
    assert "SUCRA" in network_text(one, "en")
    assert "sucra" not in json.loads(network_json(answered(tmp_path, ARMS)))


def test_small_effects_good_or_bad_turn_the_ranking_round(tmp_path):
    good, bad = (answered(tmp_path, ARMS, small_values_good=small) for small in (True, False))
    assert good.ranking == bad.ranking[::-1]
    assert good.p_scores + bad.p_scores == pytest.approx(np.ones(4))


def test_means_and_another_measure(tmp_path):
    assert answered(tmp_path, MEANS).file.measure.name == "MD"
    assert answered(tmp_path, MEANS, "SMD").file.measure.name == "SMD"
    assert answered(tmp_path, ARMS, "rr").file.measure.name == "RR"


def test_pieces_are_named_and_their_effects_missing_not_zero(tmp_path):
    one = answered(tmp_path, APART, reference="a")
    printed = json.loads(network_json(one))
    effects = {effect["treatment"]: effect for effect in printed["effects"]}
    assert effects["b"]["estimate"] == pytest.approx(-0.2)
    assert effects["c"] == {"treatment": "c", "estimate": None, "se": None, "lower": None, "upper": None}
    assert printed["p_scores"]["d"] is None
    assert printed["pieces"] == [["a", "b"], ["c", "d"]]
    assert "a, b; c, d" in network_text(one, "en")
    assert any("a, b | c, d" in notice for notice in one.notices)


def test_a_study_known_by_its_year(tmp_path):
    text = "study,year,treat1,treat2,yi,sei\nLee,2001,a,b,0.2,0.1\nLee,2005,a,b,0.3,0.2\nKim,,a,c,0.1,0.1\n"
    read = read_network_file(written(tmp_path, text))
    assert [study.label for study in read.evidence.studies] == ["Lee 2001", "Lee 2005", "Kim"]


def test_studies_that_vary_are_not_called_incoherent(tmp_path):
    """Without two studies of one design nothing tells the two apart."""
    text = "study,treat1,treat2,yi,sei\n1,a,b,0,0.1\n2,b,c,0,0.1\n3,a,c,5,0.1\n"
    one = answered(tmp_path, text)
    assert one.q.p_value < 1e-6
    assert math.isnan(one.incoherence.p_value)
    assert "it cannot be told whether direct and indirect evidence differ" in network_text(one, "en")
    assert json.loads(network_json(one))["incoherence"] == {"q": None, "df": 1, "p_value": None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", [ARMS, MEANS, APART])
def test_text_and_pictures_in_every_language(tmp_path, language, text):
    one = answered(tmp_path, text, level=0.9)
    said = network_text(one, language)
    assert "90%" in said
    assert all(name in said for name in one.treatments)
    assert "nan" not in said
    for name, draw in NETWORK_PICTURES.items():
        if name in ("splits", "heat") and text != ARMS:
            with pytest.raises(ValueError, match=r"no comparison (has direct and indirect|is made by two)"):
                draw(one, language)
            continue
        picture = draw(one, language)
        assert parsed(picture).get("role") == "img"
        assert picture == draw(one, language)


def test_people_make_the_discs_where_the_file_counts_them(tmp_path):
    graph = NETWORK_PICTURES["graph"](answered(tmp_path, ARMS), "en")
    assert f"C: {41 + 33 + 59 + 25} people." in graph
    assert "people" not in NETWORK_PICTURES["graph"](answered(tmp_path, APART), "en")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("study,treat1,treat2,yi,sei\n1,a,a,0.1,0.2\n", "row 2, column 'treat2': a treatment compared with itself"),
        ("study,treat1,treat2,yi,sei\n1,a,b,0.1,0\n", "row 2, column 'sei': must be above 0"),
        ("study,treat1,treat2,yi,sei\n1,a,b,0.1,x\n", "row 2, column 'sei'"),
        ("study,treat1,treat2,yi,sei\n,a,b,0.1,1\n", "row 2, column 'study': empty"),
        ("study,treat1,treat2,yi,sei\n1,a,b,0.1,1\n1,a,c,0.1,1\n", "study '1' has 3 arms but 2 comparisons"),
        ("study,treat1,treat2,yi,sei\n1,a,b,1,1\n1,a,c,1,1\n1,b,c,3,1\n", "study '1': b v c is 3, but 0"),
        ("study,treat1,treat2,yi,sei\n1,a,b,1,1\n1,a,b,1,1\n", "study '1' gives a v b 2 times"),
        ("study,treat1,treat2,yi,sei\n", "no study"),
        ("study,treatment,events,n\n1,a,3,10\n", "row 2, column 'study': a study of one arm"),
        ("study,treatment,events,n\n1,a,3,10\n1,b,11,10\n", "row 3, column 'events': 11 events among 10 people"),
        ("study,treatment,events,n\n1,a,3,10\n1,a,1,10\n", "row 3, column 'treatment': study '1' has this treatment"),
        ("study,treatment,events,n\n1,a,0,10\n1,b,0,10\n", "no study compares two treatments"),
        ("study,treatment,n\n1,a,10\n1,b,10\n", "no figures by which arms can be compared"),
        ("study,a,b\n1,2,3\n", "no comparisons and no arms"),
        ("treat1,treat2,yi,sei\na,b,0.1,1\n", "column 'study': the column is missing"),
        ("", "Mend: "),
    ],
)
def test_what_must_be_mended_is_said_with_its_place(tmp_path, text, says):
    with pytest.raises(DossierError) as caught:
        read_network_file(written(tmp_path, text))
    assert says in str(caught.value)
    assert "Mend: " in str(caught.value)


def test_names_that_are_not_there(tmp_path):
    with pytest.raises(DossierError, match="did you mean placebo"):
        read_network_file(written(tmp_path, APART.replace(",b,", ",placebo,")), reference="placbo")
    with pytest.raises(DossierError, match="no measure is called 'ORR'"):
        read_network_file(written(tmp_path, ARMS), "ORR")
    with pytest.raises(DossierError, match="MD is made of mean, sd, n"):
        read_network_file(written(tmp_path, ARMS), "MD")
    with pytest.raises(DossierError, match="no study has a treatment called 'Z'"):
        read_network_file(written(tmp_path, ARMS), reference="Z")
    with pytest.raises(ValueError, match="did you mean 'REML'"):
        answered(tmp_path, ARMS, method="REM")
    with pytest.raises(DossierError):
        read_network_file(tmp_path / "nowhere.csv")
