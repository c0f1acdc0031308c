"""Both triangles of a league table."""

import numpy as np
import pytest

from evenhand.synthesis.network.league import league_table
from evenhand.synthesis.network.network_fit import fit_network
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_both_triangles_read_from_the_treatment_above(case):
    evidence = from_contrasts(case)
    common, random = (fit_network(evidence, method=method) for method in ("EE", "DL"))
    table = common.league_table(random, order=tuple(reversed(evidence.treatments)))
    for i, high in enumerate(table.treatments):
        assert table.cell(i, i) is None
        for j in range(i + 1, len(table.treatments)):
            above, below = table.cell(i, j), table.cell(j, i)
            assert (above.row, above.column) == (below.row, below.column) == (high, table.treatments[j])
            for cell, fit in ((above, random), (below, common)):
                contrast = fit.contrast(high, table.treatments[j])
                assert cell.estimate == pytest.approx(contrast.estimate, rel=1e-9, abs=1e-12)
                assert cell.se == pytest.approx(contrast.se, rel=1e-9)
                assert (cell.ci_lower, cell.ci_upper) == pytest.approx(
                    (contrast.ci_lower, contrast.ci_upper), rel=1e-9, abs=1e-12
                )


def test_direct_evidence_stands_above_where_none_is_given():
    case = NETWORKS[0]
    theirs, fit = case["expected"]["netsplit"], fit_network(from_contrasts(case), method="DL")
    table = fit.league_table()
    direct = dict(zip(theirs["comparison"], theirs["random"]["direct_TE"], strict=True))
    for i in range(len(table.treatments)):
        for j in range(i + 1, len(table.treatments)):
            cell, one, other = table.cell(i, j), table.treatments[i], table.treatments[j]
            reference = direct[f"{one}:{other}"] if f"{one}:{other}" in direct else direct[f"{other}:{one}"]
            way = 1 if f"{one}:{other}" in direct else -1
            if reference is None:
                assert np.isnan(cell.estimate)
                assert np.isnan(cell.ci_lower)
            else:
                assert cell.estimate == pytest.approx(way * reference, rel=1e-10)


def test_two_leagues_must_be_of_the_same_treatments():
    one, other = (fit_network(from_contrasts(case), method="EE").league() for case in NETWORKS[1:3])
    with pytest.raises(ValueError, match="the same treatments"):
        league_table(one, other)
    with pytest.raises(ValueError, match="the same treatments"):
        league_table(one, one, order=one.treatments[1:])
