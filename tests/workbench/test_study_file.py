"""A file of studies: its columns under any of their names, and every fault at once."""

import math

import numpy as np
import pytest

from evenhand.dossier.faults import DossierError
from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import ZeroCells
from evenhand.workbench.study_columns import columns_of
from evenhand.workbench.study_file import read_study_file
from tests.workbench.files import BCG, EFFECTS, LONG, MEANS, ZEROS, written


def faults(path, *arguments, **options):
    with pytest.raises(DossierError) as caught:
        read_study_file(path, *arguments, **options)
    return caught.value.faults


class TestWhatIsRead:
    def test_counts_are_odds_ratios_unless_asked(self, tmp_path):
        path = written(tmp_path, BCG)
        file, ratio = read_study_file(path), read_study_file(path, "RR")
        assert (file.measure.name, ratio.measure.name) == ("OR", "RR")
        assert file.effects()[0][0] == pytest.approx(math.log(4 * 128 / (119 * 11)))
        assert ratio.effects()[0][0] == pytest.approx(math.log((4 / 123) / (11 / 139)))
        assert file.columns["ablat"][:2] == ("44", "55")
        assert file.notices == ()

    def test_moderators_are_numbers_where_all_that_is_written_is_one(self, tmp_path):
        content = "study,yi,vi,dose,place\nA,0.1,0.2,10,Cairo\nB,0.2,0.1,,Tunis\nC,0.3,0.1,20,12\n"
        moderators = read_study_file(written(tmp_path, content)).moderators
        assert moderators["dose"] == (10.0, None, 20.0)
        assert moderators["place"] == ("Cairo", "Tunis", "12")

    def test_equal_names_are_told_apart_by_their_year(self, tmp_path):
        labels = read_study_file(written(tmp_path, BCG)).labels
        assert labels[2] == "Rosenthal et al 1960"
        assert labels[0] == "Aronson"

    def test_means_and_effects(self, tmp_path):
        assert read_study_file(written(tmp_path, MEANS)).measure.name == "MD"
        file = read_study_file(written(tmp_path, EFFECTS, "effects.csv"))
        assert file.measure.name == "GEN"
        assert np.array_equal(file.effects()[1], [0.04, 0.09, 0.02])

    def test_a_standard_error_is_squared(self, tmp_path):
        file = read_study_file(written(tmp_path, "study,TE,seTE\nA,0.1,0.2\n"), "OR")
        assert file.effects()[1][0] == pytest.approx(0.04)
        assert file.measure.name == "OR"

    @pytest.mark.parametrize(
        "header",
        ["study,ai,n1i,ci,n2i", "studlab;event.e;n.e;event.c;n.c", "id\tevents_t\tn_t\tevents_c\tn_c"],
    )
    def test_other_programs_names(self, tmp_path, header):
        separator = next(mark for mark in ",;\t" if mark in header)
        path = written(tmp_path, f"{header}\n{separator.join(['A', '4', '123', '11', '139'])}\n")
        assert read_study_file(path).effects()[0][0] == pytest.approx(math.log(4 * 128 / (119 * 11)))

    def test_people_without_the_event(self, tmp_path):
        path = written(tmp_path, "study,ai,bi,ci,di\nA,4,119,11,128\n")
        assert read_study_file(path).figures["n_1"][0] == 123

    def test_one_row_an_arm(self, tmp_path):
        file = read_study_file(written(tmp_path, LONG))
        assert file.labels == ("A", "B")
        assert [file.figures[name].tolist() for name in columns_of(MEASURES["OR"])] == [
            [8, 10], [20, 31], [3, 6], [21, 30],
        ]  # fmt: skip
        assert "group 1 is 'drug', group 2 'placebo'" in file.notices[0]
        turned = read_study_file(written(tmp_path, LONG), treatment="placebo", control="drug")
        assert turned.effects()[0] == pytest.approx(-file.effects()[0])

    def test_a_long_file_may_have_columns_of_its_own(self, tmp_path):
        text = LONG.replace("events", "events,colour").replace(",8", ",8,red", 1)
        text = "\n".join(line if line.count(",") == 4 else f"{line}," for line in text.splitlines())
        assert read_study_file(written(tmp_path, text)).labels == ("A", "B")

    def test_what_is_added_to_zero_cells_is_a_choice(self, tmp_path):
        file = read_study_file(written(tmp_path, ZEROS))
        assert math.isfinite(file.effects()[0][0])
        assert math.isnan(file.effects(ZeroCells(to="none"))[0][0])

    def test_not_reported_is_not_zero(self, tmp_path):
        file = read_study_file(written(tmp_path, ZEROS.replace("0,10", "NA,10")))
        assert math.isnan(file.figures["events_1"][0])


class TestWhatIsRefused:
    def test_every_fault_at_once(self, tmp_path):
        found = faults(written(tmp_path, "study,events_1,n_1,events_2,n_2\nA,5,4,x,10\nB,-1,10,3,9\nC,2.5,10,3,8\n"))
        assert [(fault.row, fault.column) for fault in found] == [
            (2, "events_1"), (2, "events_2"), (3, "events_1"), (4, "events_1"),
        ]  # fmt: skip
        assert "5 events among 4 people" in found[0].problem
        assert all(fault.mend for fault in found)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("study,yi,sei\nA,0.1,-0.2\n", "must be above 0"),
            ("study,yi,vi\nA,0.1,0\n", "must be above 0"),
            ("study,mean_1,sd_1,n_1,mean_2,sd_2,n_2\nA,1,0,10,1,1,10\n", "must be above 0"),
            ("study,yi\nA,0.1\n", "no figures that can be pooled"),
            ("study,yi,vi\n", "no study"),
            ("study,yi,vi\nA,inf,1\n", "not a finite number"),
        ],
    )
    def test_impossible_figures(self, tmp_path, text, says):
        assert says in faults(written(tmp_path, text))[0].problem

    def test_a_measure_that_the_file_cannot_give(self, tmp_path):
        found = faults(written(tmp_path, BCG), "MD")
        assert "'mean_1'" in found[0].mend
        assert "did you mean" in faults(written(tmp_path, BCG), "OOR")[0].mend

    def test_a_measure_by_any_letter_case(self, tmp_path):
        assert read_study_file(written(tmp_path, BCG), "rr").measure.name == "RR"

    def test_unclear_arms(self, tmp_path):
        three = LONG + "A,other,20,4\n"
        assert "3 treatments" in faults(written(tmp_path, three))[0].problem
        assert read_study_file(written(tmp_path, three), treatment="other").labels == ("A",)
        assert "no row of treatment 'x'" in faults(written(tmp_path, LONG), treatment="x")[0].problem

    def test_no_file_and_no_table(self, tmp_path):
        assert "missing" in faults(tmp_path / "none.csv")[0].problem
        assert "folder" in faults(tmp_path)[0].problem
        (tmp_path / "book.csv").write_bytes(b"PK\x03\x04rest")
        assert "workbook" in faults(tmp_path / "book.csv")[0].problem

    def test_standard_errors_in_place_of_deviations_are_suspected(self, tmp_path):
        file = read_study_file(written(tmp_path, MEANS.replace("A,10,2,20,8,2.5,22", "A,10,0.4,20,8,0.5,22")))
        assert [doubt.key for doubt in file.doubts] == ["effects.doubt.se_as_sd"]
        assert read_study_file(written(tmp_path, MEANS)).doubts == ()
