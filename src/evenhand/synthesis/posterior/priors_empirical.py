"""Priors of the between-study sd from what thousands of Cochrane meta-analyses showed, by outcome and comparison.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The papers print distributions of tau²; a log-normal or log-t tau² with location m and scale s is a tau of the same kind
with m / 2 and s / 2.

* Log odds ratios, log-normal: Turner, Jackson, Wei, Thompson & Higgins (2015), Statist. Med. 34, 984-998, table IV; in
  three broad kinds of outcome, Turner, Davey, Clarke, Thompson & Higgins (2012), Int. J. Epidemiol. 41, 818-827.
* Standardised mean differences, log-t with 5 degrees of freedom: Rhodes, Turner & Higgins (2015), J. Clin. Epidemiol.
  68, 52-60, table 3, and tables A.3.1 and A.3.2 for respiratory diseases and cancer. Nearly all locations of that paper
  are a sum of a row's and a column's share; two are not (mental health without drugs in table 3; structure-related
  outcomes with placebo in table A.3.2). They stand here as users of the tables have copied them.
"""

from collections.abc import Mapping

from evenhand.dossier.nearest import mend_of_word
from evenhand.synthesis.posterior.priors import LogNormalPrior, LogTPrior

# Comparisons, in the order of the columns below; 'any' has no comparison.
BINARY_COMPARISONS = (
    "pharmacological v placebo",
    "pharmacological v pharmacological",
    "non-pharmacological v placebo",
    "non-pharmacological v pharmacological",
    "non-pharmacological v non-pharmacological",
)
CONTINUOUS_COMPARISONS = ("pharmacological v placebo", "pharmacological v pharmacological", "non-pharmacological v any")
AREAS = ("other", "respiratory", "cancer")

# Outcome: (−location, scale) of log tau² for each comparison.
_TURNER_2015: Mapping[str, tuple[tuple[float, float], ...]] = {
    "all-cause mortality": ((3.95, 1.34), (4.18, 1.41), (4.17, 1.55), (2.92, 1.02), (3.50, 1.26)),
    "obstetric": ((3.52, 1.74), (3.75, 1.79), (3.74, 1.91), (2.49, 1.50), (3.08, 1.68)),
    "cause-specific mortality or major morbidity": (
        (3.71, 1.74), (3.95, 1.79), (3.93, 1.91), (2.68, 1.51), (3.27, 1.68),
    ),
    "resource use": ((2.34, 1.74), (2.58, 1.79), (2.56, 1.91), (1.31, 1.50), (1.90, 1.68)),
    "surgical or device success": ((2.14, 1.74), (2.37, 1.79), (2.36, 1.91), (1.11, 1.50), (1.69, 1.68)),
    "withdrawals": ((2.99, 1.74), (3.23, 1.79), (3.21, 1.91), (1.96, 1.51), (2.55, 1.68)),
    "structure-related": ((2.71, 1.74), (2.94, 1.79), (2.93, 1.92), (1.67, 1.51), (2.26, 1.68)),
    "general physical health": ((2.29, 1.53), (2.53, 1.58), (2.51, 1.72), (1.26, 1.25), (1.85, 1.46)),
    "adverse events": ((1.87, 1.52), (2.10, 1.58), (2.10, 1.71), (0.84, 1.24), (1.43, 1.45)),
    "infection or new disease": ((2.49, 1.52), (2.73, 1.58), (2.71, 1.71), (1.46, 1.24), (2.05, 1.45)),
    "signs or symptoms": ((2.06, 1.51), (2.29, 1.58), (2.28, 1.71), (1.03, 1.24), (1.61, 1.45)),
    "pain": ((1.83, 1.52), (2.06, 1.58), (2.05, 1.71), (0.80, 1.25), (1.38, 1.45)),
    "quality of life": ((2.54, 1.54), (2.78, 1.60), (2.77, 1.73), (1.51, 1.27), (2.10, 1.47)),
    "mental health": ((2.12, 1.53), (2.35, 1.60), (2.34, 1.72), (1.09, 1.27), (1.67, 1.47)),
    "biological markers": ((1.77, 1.52), (2.00, 1.58), (1.99, 1.71), (0.74, 1.24), (1.33, 1.45)),
    "subjective": ((2.70, 1.52), (2.93, 1.58), (2.92, 1.71), (1.67, 1.25), (2.26, 1.45)),
}  # fmt: skip
_TURNER_2015_ANY = (2.56, 1.74)
# The third column holds for every comparison with a treatment that is no drug.
_TURNER_2012: Mapping[str, tuple[tuple[float, float], ...]] = {
    "mortality": ((4.06, 1.45), (4.27, 1.48), (3.93, 1.51)),
    "semi-objective": ((3.02, 1.85), (3.23, 1.88), (2.89, 1.91)),
    "any subjective": ((2.13, 1.58), (2.34, 1.62), (2.01, 1.64)),
}
# Outcome: for each area the (−location, scale) of log tau² for each comparison.
_RHODES_2015: Mapping[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "obstetric": (
        ((4.13, 2.34), (4.40, 2.31), (3.99, 2.11)),
        ((6.03, 2.36), (6.31, 2.31), (5.89, 2.21)),
        ((1.57, 2.45), (1.85, 2.41), (1.43, 2.24)),
    ),
    "resource use": (
        ((2.55, 2.73), (2.83, 2.70), (2.41, 2.57)),
        ((4.46, 2.74), (4.73, 2.70), (4.32, 2.57)),
        ((-0.01, 2.83), (0.27, 2.79), (-0.15, 2.68)),
    ),
    "structure-related": (
        ((2.43, 2.50), (2.70, 2.46), (2.29, 2.32)),
        ((4.33, 2.51), (4.61, 2.46), (4.19, 2.33)),
        ((0.13, 2.61), (0.14, 2.56), (-0.27, 2.45)),
    ),
    "general health, adverse events, pain or quality of life": (
        ((3.16, 2.50), (3.44, 2.44), (3.02, 2.27)),
        ((5.07, 2.51), (5.34, 2.45), (4.93, 2.28)),
        ((0.60, 2.61), (0.88, 2.55), (0.46, 2.40)),
    ),
    "signs or symptoms or new disease": (
        ((3.00, 2.50), (3.27, 2.47), (2.86, 2.33)),
        ((4.90, 2.50), (5.18, 2.47), (4.76, 2.33)),
        ((0.44, 2.60), (0.71, 2.57), (0.30, 2.46)),
    ),
    "mental health": (
        ((2.99, 2.16), (3.27, 2.14), (3.85, 1.93)),
        ((4.90, 2.17), (5.17, 2.14), (4.76, 1.94)),
        ((0.43, 2.28), (0.71, 2.25), (0.29, 2.08)),
    ),
    "biological markers": (
        ((3.41, 2.83), (3.68, 2.78), (3.27, 2.66)),
        ((5.31, 2.83), (5.59, 2.78), (5.17, 2.66)),
        ((0.85, 2.93), (1.13, 2.87), (0.71, 2.78)),
    ),
    "subjective": (
        ((2.76, 2.58), (3.03, 2.59), (2.62, 2.41)),
        ((4.66, 2.59), (4.94, 2.59), (4.52, 2.41)),
        ((0.20, 2.68), (0.48, 2.68), (0.06, 2.53)),
    ),
}
_RHODES_2015_ANY = (3.44, 2.59)
_RHODES_DF = 5.0

BINARY_OUTCOMES = (*_TURNER_2015, *_TURNER_2012)
CONTINUOUS_OUTCOMES = tuple(_RHODES_2015)


def turner(outcome: str = "any", comparison: str = BINARY_COMPARISONS[0]) -> LogNormalPrior:
    """Prior of tau for log odds ratios.

    Parameters
    ----------
    outcome : str
        One of `BINARY_OUTCOMES`, or 'any' for the paper's general setting.
    comparison : str
        One of `BINARY_COMPARISONS`; of no account for 'any'.

    Raises
    ------
    ValueError
        Naming the outcomes or comparisons there are.
    """
    if outcome == "any":
        location, scale = _TURNER_2015_ANY
    else:
        _known(outcome, BINARY_OUTCOMES, "outcome")
        column = _column(comparison, BINARY_COMPARISONS)
        rows = _TURNER_2012.get(outcome) or _TURNER_2015[outcome]
        location, scale = rows[min(column, len(rows) - 1)]
    return LogNormalPrior(-location / 2, scale / 2)


def rhodes(outcome: str = "any", comparison: str = CONTINUOUS_COMPARISONS[0], area: str = "other") -> LogTPrior:
    """Prior of tau for standardised mean differences.

    Parameters
    ----------
    outcome : str
        One of `CONTINUOUS_OUTCOMES`, or 'any' for the paper's general setting.
    comparison : str
        One of `CONTINUOUS_COMPARISONS`; of no account for 'any'.
    area : str
        'respiratory', 'cancer' or 'other'.

    Raises
    ------
    ValueError
        Naming the outcomes, comparisons or areas there are.
    """
    if outcome == "any":
        location, scale = _RHODES_2015_ANY
    else:
        _known(outcome, CONTINUOUS_OUTCOMES, "outcome")
        _known(area, AREAS, "area")
        location, scale = _RHODES_2015[outcome][AREAS.index(area)][_column(comparison, CONTINUOUS_COMPARISONS)]
    return LogTPrior(-location / 2, scale / 2, _RHODES_DF)


def _column(comparison: str, known: tuple[str, ...]) -> int:
    _known(comparison, known, "comparison")
    return known.index(comparison)


def _known(word: str, known: tuple[str, ...], what: str) -> None:
    if word not in known:
        raise ValueError(f"{what} '{word}' is not among those of the paper. Mend: {mend_of_word(word, known)}")
