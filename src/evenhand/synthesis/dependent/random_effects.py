"""What makes effects depend on each other, as small records, and their short text form.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.distributions import Floats

# With one variance for all levels of the inner factor, and with one for each.
STRUCTURES_BY_LAG = ("ID", "CS", "AR", "CAR", "SPEXP", "SPGAU", "SPRAT")
STRUCTURES_BY_LEVEL = ("DIAG", "HCS", "HAR", "UN")
STRUCTURES = STRUCTURES_BY_LAG + STRUCTURES_BY_LEVEL
STRUCTURES_OF_SLOPES = ("GEN", "GDIAG")


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomIntercepts:
    """One random effect for each group of `levels[0]`, for each group of `levels[1]` within it, and so on.

    `sigma2` fixes variances, None where one is to be estimated.
    """

    levels: tuple[str, ...]
    sigma2: tuple[float | None, ...] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.levels, str):
            raise ValueError(f"levels is text, '{self.levels}': write ('{self.levels}',), a name for each level")
        if not self.levels:
            raise ValueError("random intercepts need at least one column of groups")
        if self.sigma2 is not None and len(self.sigma2) != len(self.levels):
            raise ValueError(f"{len(self.sigma2)} values of sigma2 but {len(self.levels)} levels")
        for value in self.sigma2 or ():
            check_variance("sigma2", value)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedIntercepts:
    """Random effects of groups that are correlated as known beforehand, as species are by their phylogeny."""

    level: str
    labels: tuple[object, ...]  # of the rows and columns of `correlation`
    correlation: Floats  # (groups, groups)
    sigma2: float | None = None

    def __post_init__(self) -> None:
        if self.correlation.shape != (len(self.labels), len(self.labels)):
            raise ValueError(
                f"correlation of '{self.level}': shape {self.correlation.shape} but {len(self.labels)} labels"
            )
        check_variance("sigma2", self.sigma2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """Random effects of the levels of `inner`, correlated within each group of `outer` and independent between.

    `inner` names a factor (outcome, arm, time); for CAR and the spatial structures one or more numeric columns, whose
    distance decides. `tau2` and `rho` fix values.
    """

    inner: tuple[str, ...]
    outer: str
    structure: str = "CS"
    tau2: tuple[float | None, ...] | None = None
    rho: float | None = None

    def __post_init__(self) -> None:
        if self.structure not in STRUCTURES:
            raise ValueError(f"structure '{self.structure}': there are {', '.join(STRUCTURES)}")
        for value in self.tau2 or ():
            check_variance("tau2", value)
        if self.rho is not None and self.structure in ("ID", "DIAG"):
            raise ValueError(f"structure '{self.structure}' has no rho to fix")
        if self.rho is not None and self.structure == "UN":
            raise ValueError("structure 'UN' has many correlations; take 'HCS' to fix one rho for all")
        if self.rho is not None and not (math.isfinite(self.rho) and (abs(self.rho) <= 1 or self._is_range)):
            raise ValueError(f"rho = {self.rho}: a correlation lies between -1 and 1")

    @property
    def _is_range(self) -> bool:
        """Whether rho is a distance instead of a correlation."""
        return self.structure.startswith("SP")


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSlopes:
    """Random coefficients of `covariates` in each group of `outer`; '1' stands for the intercept.

    'GEN' lets them be correlated, 'GDIAG' does not.
    """

    covariates: tuple[str, ...]
    outer: str
    structure: str = "GEN"

    def __post_init__(self) -> None:
        if self.structure not in STRUCTURES_OF_SLOPES:
            raise ValueError(f"structure '{self.structure}': there are {', '.join(STRUCTURES_OF_SLOPES)}")


RandomEffects = RandomIntercepts | RelatedIntercepts | Correlated | RandomSlopes


def parse_random_effects(text: str, *, structure: str = "CS") -> RandomEffects:
    """Read `~ 1 | district/school`, `~ outcome | trial` or, for 'GEN' and 'GDIAG', `~ 1 + dose | trial`.

    Raises
    ------
    ValueError
        Where the text has another form, or the structure does not exist.
    """
    form = "'~ 1 | group', '~ 1 | group/subgroup' or '~ inner | outer'"
    body = text.strip()
    left, bar, right = body.removeprefix("~").partition("|")
    if not body.startswith("~") or not bar or not left.strip() or not right.strip() or "|" in right:
        raise ValueError(f"random effects '{text}': write {form}")
    groups = tuple(part.strip() for part in right.split("/"))
    inner = tuple(part.strip() for part in left.split("+"))
    if not all(groups) or not all(inner):
        raise ValueError(f"random effects '{text}': write {form}")
    if structure in STRUCTURES_OF_SLOPES:
        if len(groups) > 1:
            raise ValueError(f"random effects '{text}': slopes take one column of groups after '|'")
        with_intercept = inner if "0" in inner or "1" in inner else ("1", *inner)
        return RandomSlopes(
            covariates=tuple(part for part in with_intercept if part != "0"), outer=groups[0], structure=structure
        )
    if inner == ("1",):
        return RandomIntercepts(levels=groups)
    if len(groups) > 1:
        raise ValueError(f"random effects '{text}': '{left.strip()} | …' takes one outer column, not {len(groups)}")
    return Correlated(inner=inner, outer=groups[0], structure=structure)


def as_random_effects(
    random: RandomEffects | str | Sequence[RandomEffects | str], structure: str | Sequence[str]
) -> tuple[RandomEffects, ...]:
    """Records for what the caller wrote; `structure` belongs to the texts, one for all or one each."""
    terms = [random] if isinstance(random, (str, RandomEffects)) else list(random)
    structures = [structure] * len(terms) if isinstance(structure, str) else list(structure)
    if len(structures) != len(terms):
        raise ValueError(f"{len(structures)} structures for {len(terms)} random terms")
    return tuple(
        parse_random_effects(term, structure=of_text) if isinstance(term, str) else term
        for term, of_text in zip(terms, structures, strict=True)
    )


def check_variance(name: str, value: float | None) -> None:
    """Raise ValueError for a fixed variance that is none."""
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} = {value}: a fixed variance is finite and not below 0")
