"""The LFK index: asymmetry of a Doi plot.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies


@dataclass(frozen=True, slots=True, kw_only=True)
class DoiPlot:
    """The points of a Doi plot, and how far it leans."""

    k: int
    lfk_index: float  # 0 is symmetric
    asymmetry: str  # 'none' to 1 either way, 'minor' to 2, 'major' beyond; 'unknown'
    z: tuple[float, ...]  # normal quantile of each study's place among all by weight, in the order given
    not_computed: Message | None = None  # why there is no index


def lfk_index(yi: Sequence[float] | Floats, vi: Sequence[float] | Floats) -> DoiPlot:
    """Place each effect among all, weighted by precision, and measure how far the plot's arms differ.

    It is no test: how far chance moves it depends on the number of studies, for which nothing is allowed (Schwarzer,
    Rücker & Semaca 2024, Res. Synth. Methods 15, 603-615).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).

    Returns
    -------
    DoiPlot
        Without an index where there are fewer than 3 studies, or all effects are the same.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Furuya-Kanamori, Barendregt & Doi (2018). Int. J. Evid. Based Healthc. 16, 195-203.
    """
    from scipy.special import ndtri

    effects, variances = checked_studies(yi, vi)
    k = effects.size
    order = np.argsort(effects, kind="stable")
    sizes = 100 * variances.max() / variances[order]
    total = sizes.sum()
    below = np.cumsum(sizes) - sizes / 2 - 0.5
    above = np.cumsum(sizes[::-1])[::-1] - sizes / 2 + 0.5
    # From the nearer end: beside a study that outweighs all others, a place near the far end would round to it.
    z = np.where(below < above, ndtri(below / total), -ndtri(above / total))
    by_study = np.empty(k)
    by_study[order] = z
    if k < 3:
        return _no_index(by_study, message("bias.none.few_studies", k=k, least=3))
    span = float(np.ptp(effects))
    if span == 0.0:
        return _no_index(by_study, message("bias.none.same_effect"))
    centre = effects[order][np.argmin(np.abs(z))]
    index = 2.5 * float(np.mean(z + np.ptp(z) * ((effects[order] - centre) / span)))
    size = abs(index)
    asymmetry = "none" if size <= 1 else "minor" if size <= 2 else "major"
    return DoiPlot(k=k, lfk_index=index, asymmetry=asymmetry, z=tuple(by_study.tolist()))


def _no_index(z: Floats, reason: Message) -> DoiPlot:
    return DoiPlot(k=z.size, lfk_index=math.nan, asymmetry="unknown", z=tuple(z.tolist()), not_computed=reason)
