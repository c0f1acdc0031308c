"""Subgroup analysis: pooled effects within kinds of studies, and whether they differ between kinds.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical
from evenhand.synthesis.regression.linear_contrasts import JointTest
from evenhand.synthesis.regression.moderator_columns import level_text, read_columns
from evenhand.synthesis.wald import chi_square_tail

if TYPE_CHECKING:
    from pandas import DataFrame

TAU2_CHOICES = ("separate", "common")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """One kind of studies."""

    name: str
    studies: tuple[int, ...]  # counted from 0, in the data as given
    pooled: Classical


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupAnalysis:
    """All kinds, all studies together, and the test between kinds."""

    subgroups: tuple[Subgroup, ...]  # in sorted order, or in the column's own
    overall: Classical
    between: JointTest  # χ² that all kinds have the same mean effect
    q_within: float  # sum of the subgroups' Q, with inverse sampling variances
    q_within_df: int
    q_within_p_value: float
    tau2: str  # 'separate' or 'common'
    common_tau2: float | None
    left_out: tuple[int, ...]  # studies of unknown kind

    def to_frame(self) -> "DataFrame":
        """One row a subgroup, and one for all studies."""
        from pandas import DataFrame

        columns = (
            "k", "estimate", "se", "ci_lower", "ci_upper", "p_value", "tau2", "i2", "q", "q_p_value",
            "pi_lower", "pi_upper",
        )  # fmt: skip
        rows = {group.name: group.pooled for group in self.subgroups} | {"overall": self.overall}
        return DataFrame([{name: getattr(row, name) for name in columns} for row in rows.values()], index=list(rows))


def subgroup_analysis(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    groups: Sequence[object],
    *,
    tau2: str = "separate",
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> SubgroupAnalysis:
    """Pool each kind of studies, and test whether their mean effects differ.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    groups : sequence, shape (k,)
        Each study's kind: text, numbers or truth values; None where unknown.
    tau2 : 'separate' or 'common'
        A between-study variance for each kind, or one for all, estimated about the kinds' own means.
    method, test, level
        As in `meta_analysis`. The test between kinds takes the standard errors of `test`. For an F test with one
        residual variance, regress on the kind: `meta_regression(yi, vi, '~ kind', …)`.

    Returns
    -------
    SubgroupAnalysis
        A kind of one study has no tau2 of its own: under 'separate' its `pooled.tau2_estimable` is False.

    Raises
    ------
    ValueError
        Naming the study and value that cannot be pooled, or where every study's kind is unknown.

    References
    ----------
    Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis, ch. 19.
    """
    if tau2 not in TAU2_CHOICES:
        raise ValueError(f"tau2 '{tau2}': there are {', '.join(TAU2_CHOICES)}")
    effects, variances = checked_studies(yi, vi)
    labels, names = _kinds(groups, effects.size)
    kept = [i for i, label in enumerate(labels) if label is not None]
    if not kept:
        raise ValueError("no study's kind is known: give groups a name for each study")
    y, v = effects[kept], variances[kept]
    members = {name: tuple(i for i in kept if labels[i] == name) for name in names}
    common = None
    if tau2 == "common":
        X = np.array([[float(labels[i] == name) for name in names] for i in kept])
        common = fit_linear(y, v, X, method=method, test="z").tau2
    pooled = {
        name: meta_analysis(
            effects[list(rows)], variances[list(rows)], method=method, test=test, level=level, tau2=common
        )
        for name, rows in members.items()
    }
    q_within, df_within = math.fsum(one.q for one in pooled.values()), len(kept) - len(names)
    return SubgroupAnalysis(
        subgroups=tuple(Subgroup(name=name, studies=members[name], pooled=pooled[name]) for name in names),
        overall=meta_analysis(y, v, method=method, test=test, level=level),
        between=_between(list(pooled.values())),
        q_within=q_within,
        q_within_df=df_within,
        q_within_p_value=chi_square_tail(q_within, df_within),
        tau2=tau2,
        common_tau2=common,
        left_out=tuple(i for i, label in enumerate(labels) if label is None),
    )


def _kinds(groups: Sequence[object], k: int) -> tuple[list[str | None], list[str]]:
    """Each study's kind as text, and the kinds that occur."""
    column = read_columns({"groups": groups}, ["groups"])["groups"]
    if column.size != k:
        raise ValueError(f"{column.size} groups for {k} studies")
    if column.labels is not None:
        return list(column.labels), [level for level in column.levels if level in column.labels]
    assert column.numbers is not None  # noqa: S101 - a column has one or the other
    known = np.unique(column.numbers[~np.isnan(column.numbers)])
    return [None if math.isnan(x) else level_text(x) for x in column.numbers], [level_text(x) for x in known]


def _between(pooled: Sequence[Classical]) -> JointTest:
    """Sum of squares of the kinds' means about their weighted mean, each weighted by its own standard error."""
    df = len(pooled) - 1
    se = np.array([one.se for one in pooled])
    if df == 0 or not (np.isfinite(se).all() and (se > 0).all()):
        return JointTest(statistic=math.nan, df1=df, df2=None, p_value=math.nan)
    means, weights = np.array([one.estimate for one in pooled]), 1.0 / se**2
    q = float(weights @ (means - weights @ means / weights.sum()) ** 2)
    return JointTest(statistic=q, df1=df, df2=None, p_value=chi_square_tail(q, df))
