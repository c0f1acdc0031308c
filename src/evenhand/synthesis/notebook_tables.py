"""Fits as tables: a data frame, and HTML that a notebook shows.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from evenhand.distributions import Floats
from evenhand.synthesis.pooled import Classical

if TYPE_CHECKING:
    from pandas import DataFrame


class Coefficients(Protocol):
    """What every fit of coefficients says of them; arrays of shape (p,)."""

    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def test(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102
    @property
    def beta(self) -> Floats: ...  # noqa: D102
    @property
    def se(self) -> Floats: ...  # noqa: D102
    @property
    def statistic(self) -> Floats: ...  # noqa: D102
    @property
    def p_value(self) -> Floats: ...  # noqa: D102
    @property
    def ci_lower(self) -> Floats: ...  # noqa: D102
    @property
    def ci_upper(self) -> Floats: ...  # noqa: D102


def coefficient_frame(fit: Coefficients, names: Sequence[str]) -> "DataFrame":
    """One row a coefficient."""
    from pandas import DataFrame

    return DataFrame(
        {
            "estimate": fit.beta, "se": fit.se, "statistic": fit.statistic, "p_value": fit.p_value,
            "ci_lower": fit.ci_lower, "ci_upper": fit.ci_upper,
        },
        index=list(names),
    )  # fmt: skip


def coefficient_html(fit: Coefficients, names: Sequence[str]) -> str:
    """The coefficients as a small table."""
    from evenhand.html_table import html_table
    from evenhand.words.catalogue import Catalogue, Raw

    words = Catalogue.load("en")
    header = [
        words.text("notebook.coefficient"),
        words.text("notebook.estimate"),
        words.text("notebook.se"),
        words.text("notebook.interval_at", percent=Raw(f"{100 * fit.level:g}")),
        words.text("notebook.p_value"),
    ]
    rows = [
        (name, _said(b), _said(se), words.interval(_said(lower), _said(upper)), _said(p))
        for name, b, se, lower, upper, p in zip(
            names, fit.beta, fit.se, fit.ci_lower, fit.ci_upper, fit.p_value, strict=True
        )
    ]
    return html_table(words.text("notebook.model", method=Raw(fit.method), test=Raw(fit.test)), header, rows)


def pooled_html(result: Classical) -> str:
    """A pooled estimate as a small table."""
    from evenhand.html_table import html_table
    from evenhand.words.catalogue import Catalogue, Raw

    words = Catalogue.load("en")
    percent = Raw(f"{100 * result.level:g}")
    rows = [
        (words.text("notebook.estimate"), _said(result.estimate)),
        (words.text("notebook.se"), _said(result.se)),
        (
            words.text("notebook.interval_at", percent=percent),
            words.interval(_said(result.ci_lower), _said(result.ci_upper)),
        ),
        (words.text("notebook.p_value"), _said(result.p_value)),
        (
            words.text("notebook.new_study", percent=percent),
            words.interval(_said(result.pi_lower), _said(result.pi_upper)),
        ),
        (words.text("notebook.tau2"), _said(result.tau2)),
        (words.text("notebook.i2"), _said(result.i2)),
        (words.text("notebook.studies"), f"{result.k}"),
    ]
    return html_table(words.text("notebook.model", method=Raw(result.method), test=Raw(result.test)), (), rows)


def _said(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
