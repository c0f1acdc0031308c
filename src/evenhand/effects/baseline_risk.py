"""From a risk without treatment and an effect to the risk with it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats


def risk_with_treatment(baseline_risk: Floats, effect: Floats, measure: str) -> Floats:
    """Risk under treatment from the risk without it and a relative or absolute effect.

    Parameters
    ----------
    baseline_risk : ndarray, shape (draws,)
        Probability without treatment.
    effect : ndarray, shape (draws,)
        On the analysis scale: log odds ratio, log risk ratio, log hazard ratio or risk difference.
    measure : {'OR', 'RR', 'HR', 'RD'}

    Returns
    -------
    ndarray, shape (draws,)
        Probability with treatment. A ratio or difference that would leave [0, 1] is capped there.

    References
    ----------
    Schünemann et al., Cochrane Handbook 6.5 (2024), ch. 15.4.4, formulas for RR, OR and RD. Hazard ratio: Altman &
    Andersen (1999). BMJ 319, 1492-1495.
    """
    if measure == "OR":
        with np.errstate(over="ignore", invalid="ignore"):
            odds = np.exp(effect) * baseline_risk / (1.0 - baseline_risk)
            # An odds ratio beyond float range means a risk of one, not an undefined one.
            return np.where(np.isinf(odds), 1.0, odds / (1.0 + odds))
    if measure == "RR":
        return np.minimum(1.0, baseline_risk * np.exp(effect))
    if measure == "HR":
        # With proportional hazards the share free of the event is that without treatment to the power of the ratio.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            risk = -np.expm1(np.exp(effect) * np.log1p(-np.asarray(baseline_risk)))
        return np.where(np.asarray(baseline_risk) >= 1.0, 1.0, np.where(np.asarray(baseline_risk) <= 0.0, 0.0, risk))
    if measure == "RD":
        return np.clip(baseline_risk + effect, 0.0, 1.0)
    raise ValueError(f"no absolute risk from measure '{measure}': write OR, RR, HR or RD in dossier.yaml")
