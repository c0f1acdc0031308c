"""Every treatment against every other: one square of effects, or two in the triangles of one table.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.direct_evidence import DirectEvidence
from evenhand.synthesis.wald import quantile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class League:
    """Effects of row less column on the analysis scale, each array (T, T); nan where two cannot be compared."""

    treatments: tuple[str, ...]
    level: float
    estimate: Floats = field(repr=False)
    se: Floats = field(repr=False)
    ci_lower: Floats = field(repr=False)
    ci_upper: Floats = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeagueCell:
    """One effect of a table: `row` less `column`."""

    row: str
    column: str
    kind: str  # 'lower' or 'upper' triangle
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeagueTable:
    """Treatments down the diagonal in `order`; below it one kind of effect, above it another."""

    treatments: tuple[str, ...]  # in the table's order
    lower: League  # below the diagonal: the treatment of the column less that of the row
    upper: League  # above the diagonal: the treatment of the row less that of the column

    def cell(self, i: int, j: int) -> LeagueCell | None:
        """The effect in row i and column j, or None on the diagonal.

        Both triangles read from the treatment that stands higher to the one below it, so that the two cells of a pair
        can be held against each other.
        """
        if i == j:
            return None
        league, kind = (self.lower, "lower") if i > j else (self.upper, "upper")
        high, low = self.treatments[min(i, j)], self.treatments[max(i, j)]
        a, b = league.treatments.index(high), league.treatments.index(low)
        return LeagueCell(
            row=high,
            column=low,
            kind=kind,
            estimate=float(league.estimate[a, b]),
            se=float(league.se[a, b]),
            ci_lower=float(league.ci_lower[a, b]),
            ci_upper=float(league.ci_upper[a, b]),
        )


def league_of(treatments: tuple[str, ...], effects: Floats, covariance: Floats, level: float) -> League:
    """Every difference of effects (T,) of covariance (T, T), both against one treatment a piece."""
    variance = np.diagonal(covariance)[:, None] + np.diagonal(covariance)[None, :] - 2 * covariance
    estimate = effects[:, None] - effects[None, :]
    se = np.sqrt(np.maximum(variance, 0.0))
    return _with_intervals(treatments, estimate, se, level)


def league_of_direct(direct: DirectEvidence, level: float) -> League:
    """The comparisons that studies make themselves, pooled one by one."""
    size = len(direct.treatments)
    estimate, se = np.full((size, size), np.nan), np.full((size, size), np.nan)
    estimate[direct.first, direct.second], estimate[direct.second, direct.first] = direct.estimate, -direct.estimate
    se[direct.first, direct.second] = se[direct.second, direct.first] = direct.se
    diagonal = np.arange(size)
    estimate[diagonal, diagonal] = se[diagonal, diagonal] = 0.0
    return _with_intervals(direct.treatments, estimate, se, level)


def league_table(lower: League, upper: League, order: tuple[str, ...] | None = None) -> LeagueTable:
    """Two squares of the same treatments as the triangles of one table: common and random, network and direct.

    Raises
    ------
    ValueError
        Where the two are not of the same treatments, or `order` is not of them.
    """
    order = lower.treatments if order is None else order
    if set(lower.treatments) != set(upper.treatments) or sorted(order) != sorted(lower.treatments):
        raise ValueError("a league table needs two leagues, and an order, of the same treatments")
    return LeagueTable(treatments=tuple(order), lower=lower, upper=upper)


def _with_intervals(treatments: tuple[str, ...], estimate: Floats, se: Floats, level: float) -> League:
    half = quantile(level, None) * se
    return League(
        treatments=treatments,
        level=level,
        estimate=estimate,
        se=se,
        ci_lower=estimate - half,
        ci_upper=estimate + half,
    )
