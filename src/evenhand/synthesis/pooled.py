"""One effect across its studies: a full posterior, and the classical estimates beside it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

from evenhand.distributions import Distribution
from evenhand.effects.contrast import Contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class FitStatistics:
    """How well a likelihood method fits."""

    log_likelihood: float
    deviance: float
    aic: float
    bic: float
    aicc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Classical:
    """Frequentist estimates of one effect on the analysis scale."""

    method: str  # 'REML', 'EE'
    test: str  # 'z', 'knha'
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    tau2: float  # between-study variance, squared analysis scale
    i2: float  # percent, 0 to 100
    q: float
    q_p_value: float
    pi_lower: float  # prediction interval
    pi_upper: float
    k: int
    converged: bool = True
    statistic: float = math.nan  # estimate / se
    df: float | None = None  # degrees of freedom of the test, whole but for Kenward–Roger; None for 'z'
    h2: float = math.nan
    se_tau2: float = math.nan
    pi_riley_lower: float = math.nan  # the same with t of k − 2 degrees of freedom; nan with fewer than three studies
    pi_riley_upper: float = math.nan
    weights: tuple[float, ...] = ()  # percent, in the order given
    fit: FitStatistics | None = None  # likelihood methods only
    tau2_estimable: bool = True  # False: one study, tau2 is 0 for want of a second
    level: float = 0.95  # of the intervals

    def _repr_html_(self) -> str:
        """The estimate as a small table, for a notebook."""
        from evenhand.synthesis.notebook_tables import pooled_html

        return pooled_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Exact posterior of one pooled effect on the analysis scale."""

    mu: Distribution  # mean effect
    tau: Distribution | None  # between-study sd; None where one study leaves it to the prior alone and it is not used
    prediction: Distribution  # effect in a new setting
    shrinkage: tuple[Distribution, ...]  # each study's effect, in the order given
    likelihood: str  # 'normal', 'hypergeometric', 'binomial'
    prior_mu: str  # 'normal(0, 2.82)', 'flat'
    prior_tau: str  # 'half-normal(0.5)'
    log_marginal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """One outcome's effect of one treatment, across its studies."""

    outcome: str
    treatment: str
    comparator: str | None  # None: proportion or mean of one arm
    measure: str
    contrasts: tuple[Contrast, ...]
    posterior: Posterior
    classical: Classical | None  # None where it does not exist without adding to zero cells
    estimate: float  # posterior median, on the scale people read (ratio, difference, proportion)
    lower: float  # 95 % credible limits, same scale
    upper: float
    tau2: float | None  # REML estimate, analysis scale; None with one study
    left_out: tuple[Contrast, ...] = ()  # studies that print no spread: shown, not pooled

    @property
    def k(self) -> int:
        """Studies."""
        return len(self.contrasts)

    @property
    def n(self) -> int | None:
        """Participants analysed, where every study says."""
        sizes = [contrast.n for contrast in self.contrasts]
        return None if any(size is None for size in sizes) else sum(size for size in sizes if size is not None)

    def _repr_html_(self) -> str:
        """The effect as a small table, for a notebook."""
        from evenhand.html_table import html_table
        from evenhand.words.catalogue import Catalogue

        words = Catalogue.load("en")
        span = words.interval(words.number(self.lower), words.number(self.upper))
        rows = [
            (words.text("notebook.measure"), self.measure),
            (words.text("notebook.estimate"), words.number(self.estimate)),
            (words.text("notebook.interval"), span),
            (words.text("notebook.studies"), words.number(self.k)),
            (
                words.text("notebook.people"),
                words.text("notebook.not_said") if self.n is None else words.number(self.n),
            ),
        ]
        names = (self.treatment,) if self.comparator is None else (self.treatment, self.comparator)
        return html_table(f"{self.outcome}: {' / '.join(names)}", (), rows)
