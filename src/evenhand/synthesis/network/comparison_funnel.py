"""The funnel of a network: each study's effect less the mean of its comparison, against its standard error.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.network.direct_weights import Pairs
from evenhand.synthesis.network.network_fit import NetworkFit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparisonFunnel:
    """The m comparisons of all studies, each read in the direction of `order`."""

    order: tuple[str, ...]  # treatments; effects are those of the earlier less the later
    study: tuple[str, ...] = field(repr=False)  # (m,), labels
    first: Pairs = field(repr=False)  # (m,), places in `order`, first < second
    second: Pairs = field(repr=False)
    yi: Floats = field(repr=False)  # (m,), analysis scale
    sei: Floats = field(repr=False)
    adjusted: Floats = field(repr=False)  # (m,), yi less the direct estimate of its comparison
    # Egger's line of the adjusted effects on their standard errors; nan where fewer than three comparisons, or none
    # made by two studies, leave nothing to tell.
    slope: float
    se_slope: float
    statistic: float
    df: int
    p_value: float  # two-sided


def comparison_funnel(fit: NetworkFit, order: Sequence[str]) -> ComparisonFunnel:
    """Adjust every study's effects by their comparison's mean, all read in one direction.

    Parameters
    ----------
    fit : NetworkFit
        Its between-study variance is in the weights of the means.
    order : sequence of str, shape (T,)
        All treatments, in an order in which small studies may be thought to lean: new before old, or sponsored before
        not. Without such an order asymmetry has no meaning, so none is assumed.

    Returns
    -------
    ComparisonFunnel
        Comparisons that one study makes are their own mean and lie at 0; they are shown and not tested. Those of a
        study of several arms count as if independent.

    Raises
    ------
    ValueError
        Where `order` does not name every treatment once.

    References
    ----------
    Chaimani, Higgins, Mavridis, Spyridonos & Salanti (2013). PLoS ONE 8, e76654; Egger, Davey Smith, Schneider &
    Minder (1997). BMJ 315, 629-634.
    """
    place = _places(fit, order)
    pairs = [(one.label, pair) for one in fit.evidence.studies for pair in one.pairs()]
    i = place[[pair[0] for _, pair in pairs]]
    j = place[[pair[1] for _, pair in pairs]]
    sign = np.where(i < j, 1.0, -1.0)
    yi = sign * np.array([pair[2] for _, pair in pairs])
    sei = np.sqrt(np.array([pair[3] for _, pair in pairs]))
    direct = fit.direct()
    size = len(fit.treatments)
    cell = size * direct.first + direct.second
    at = np.searchsorted(cell, [size * pair[0] + pair[1] for _, pair in pairs])
    adjusted = np.where(direct.k[at] > 1, yi - sign * direct.estimate[at], 0.0)
    tested = direct.k[at] > 1
    slope, se, statistic, df, p_value = _egger(adjusted[tested], sei[tested])
    return ComparisonFunnel(
        order=tuple(order),
        study=tuple(label for label, _ in pairs),
        first=np.minimum(i, j),
        second=np.maximum(i, j),
        yi=yi,
        sei=sei,
        adjusted=adjusted,
        slope=slope,
        se_slope=se,
        statistic=statistic,
        df=df,
        p_value=p_value,
    )


def _places(fit: NetworkFit, order: Sequence[str]) -> Pairs:
    """Where each treatment of the network stands in the order, (T,)."""
    missing = [name for name in fit.treatments if name not in order]
    unknown = [name for name in order if name not in fit.treatments]
    if missing or unknown or len(order) != len(fit.treatments):
        said = [f"it lacks {', '.join(missing[:5])}"] if missing else []
        said += [f"no study has {', '.join(unknown[:5])}"] if unknown else []
        raise ValueError(f"order: {'; '.join(said) or 'a treatment is there twice'}; name every treatment once")
    return np.array([list(order).index(name) for name in fit.treatments], dtype=np.intp)


def _egger(adjusted: Floats, sei: Floats) -> tuple[float, float, float, int, float]:
    """Slope, its standard error, t, degrees of freedom and p of least squares weighted by 1 / sei²."""
    k = adjusted.size
    nothing = float("nan")
    if k < 3 or np.ptp(sei) <= 1e-12 * sei.max(initial=0.0):
        return nothing, nothing, nothing, max(0, k - 2), nothing
    # The dispersion is estimated, as in Egger's own test: Knapp–Hartung's scale with no variance between studies.
    line = fit_linear(adjusted, sei**2, np.stack([np.ones(k), sei], axis=1), method="EE", test="knha")
    return float(line.beta[1]), float(line.se[1]), float(line.statistic[1]), k - 2, float(line.p_value[1])
