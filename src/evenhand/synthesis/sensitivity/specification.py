"""One way to analyse a pool, all of them together, and which choice moves the answer most.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats

Places = npt.NDArray[np.intp]

# What may be chosen, in the order in which an analyst meets it: fields of `Specification`.
CHOICES = ("measure", "studies", "zero_cells", "model", "interval")
ALL_STUDIES = "all"
ONE_LEFT_OUT = "one left out"
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One row of a multiverse: what was chosen, and what came of it."""

    measure: str  # name in MEASURES: 'OR'
    studies: str  # 'all', 'one left out', 'without high risk of bias'
    left_out: str | None  # the one study's label; None unless `studies` is 'one left out'
    zero_cells: str  # 'none'; 'half', 'half by arm size', 'half unless both are zero', 'left out'
    model: str  # an estimator of tau2 ('EE', 'REML'), 'MH', 'Peto', 'CM.EL', 'CM.EL equal effects', 'Bayes …'
    interval: str  # 'z', 'knha', 'adhoc', 'credible'
    prior: str | None  # of tau, where there is one: 'half-normal(0.5)'
    estimate: float  # on the scale that all specifications share; positive is more in the treated arm
    ci_lower: float
    ci_upper: float
    native_estimate: float  # on the measure's own scale, as people read it: 0.62 for a ratio
    native_ci_lower: float
    native_ci_upper: float
    k: int  # studies that it pools
    tau2: float | None  # squared analysis scale of the measure; None where the model has none, or gives no one value
    converged: bool
    reason: str | None  # why there is no estimate, or no trustworthy one

    @property
    def study_set(self) -> str:
        """Which studies, the one left out by its label."""
        return self.studies if self.left_out is None else f"without {self.left_out}"

    @property
    def is_estimated(self) -> bool:
        """Whether there is an estimate."""
        return math.isfinite(self.estimate)

    @property
    def side(self) -> int:
        """1 or −1 where the interval lies on one side of no effect, else 0."""
        return int(self.ci_lower > 0) - int(self.ci_upper < 0)

    def chosen(self, choice: str) -> str:
        """What it chose, by a name in `CHOICES`."""
        return self.study_set if choice == "studies" else str(getattr(self, choice))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a choice, over all specifications that took it."""

    name: str
    left_out: str | None  # label of the study, where the option is to leave out that one
    count: int  # specifications with an estimate
    lowest: float  # estimates, on the shared scale
    median: float
    highest: float
    excluding: int  # of `count`, those whose interval leaves out no effect
    shift: float | None  # against the choice's other options, all else kept; None where nothing can be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice, what there was to choose from, and how much hangs on it."""

    name: str  # in `CHOICES`
    options: tuple[Option, ...]  # in the order in which they first occur
    spread: float  # between the highest and the lowest `shift` of options that can be compared
    turning: float  # share of the comparisons in which the options do not all agree on the side of no effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiverse:
    """A pooled effect under every defensible choice, on one scale."""

    scale: str  # 'per 1000': people of 1,000 more; 'unit': the outcome's; 'own': the analysis scale of the one measure
    baseline_risk: float | None  # at which people of 1,000 are counted
    unit_sd: float | None  # by which standardised differences are multiplied
    baseline_mean: float | None  # by which ratios of means are multiplied
    specifications: tuple[Specification, ...]
    lead: int | None  # index of the specification that a report leads with
    nothing_left: tuple[str, ...]  # sets of studies ('without high risk of bias') that would be empty
    choices: tuple[Choice, ...]  # those with more than one option

    @property
    def estimated(self) -> tuple[Specification, ...]:
        """Specifications with an estimate."""
        return tuple(one for one in self.specifications if one.is_estimated)

    @property
    def more(self) -> int:
        """Estimates above no effect."""
        return sum(one.estimate > 0 for one in self.estimated)

    @property
    def fewer(self) -> int:
        """Estimates below no effect."""
        return sum(one.estimate < 0 for one in self.estimated)

    @property
    def surely_more(self) -> int:
        """Intervals that lie above no effect."""
        return sum(one.side > 0 for one in self.estimated)

    @property
    def surely_fewer(self) -> int:
        """Intervals that lie below no effect."""
        return sum(one.side < 0 for one in self.estimated)

    @property
    def lowest(self) -> float:
        """Lowest estimate; nan where there is none."""
        return min((one.estimate for one in self.estimated), default=math.nan)

    @property
    def highest(self) -> float:
        """Highest estimate; nan where there is none."""
        return max((one.estimate for one in self.estimated), default=math.nan)

    @property
    def hangs_on(self) -> Choice | None:
        """The choice that moves the estimate most; None where none moves it."""
        least = _ROUNDING * max(abs(self.lowest), abs(self.highest), 0.0)
        moving = [choice for choice in self.choices if choice.spread > least]
        return max(moving, key=lambda choice: choice.spread, default=None)


def choices_of(specifications: Sequence[Specification]) -> tuple[Choice, ...]:
    """Every choice that had more than one option, from the specifications with an estimate.

    Options are compared among specifications that agree in all other choices: shifts are the least-squares effects of
    the options beside an effect of each such group. With all options in all groups these are the means of the options
    about their common mean; where groups lack some, none is credited with what its group makes.
    """
    estimated = [one for one in specifications if one.is_estimated]
    taken = {name: [one.chosen(name) for one in estimated] for name in CHOICES}
    return tuple(_choice(name, estimated, taken) for name in CHOICES if len(set(taken[name])) > 1)


def _choice(name: str, estimated: Sequence[Specification], taken: dict[str, list[str]]) -> Choice:
    names = list(dict.fromkeys(taken[name]))
    number = {one: at for at, one in enumerate(names)}
    option = np.array([number[one] for one in taken[name]], dtype=np.intp)
    others = list(zip(*(taken[other] for other in CHOICES if other != name), strict=True))
    place = {key: at for at, key in enumerate(dict.fromkeys(others))}
    group = np.array([place[key] for key in others], dtype=np.intp)
    estimates = np.array([one.estimate for one in estimated])
    sides = np.array([one.side for one in estimated], dtype=np.intp)
    shift, part = _shifts(estimates, group, option, len(names))
    return Choice(
        name=name,
        options=tuple(
            _option(
                options=[one for one, at in zip(estimated, option, strict=True) if at == i],
                name=names[i],
                shift=float(shift[i]) if (part == part[i]).sum() > 1 else None,
            )
            for i in range(len(names))
        ),
        spread=float(max(np.ptp(shift[part == one]) for one in set(part.tolist()))),
        turning=_turning(sides, group, option),
    )


def _option(*, options: Sequence[Specification], name: str, shift: float | None) -> Option:
    estimates = np.array([one.estimate for one in options])
    labels = {one.left_out for one in options}
    return Option(
        name=name,
        left_out=options[0].left_out if len(labels) == 1 else None,
        count=len(options),
        lowest=float(estimates.min()),
        median=float(np.median(estimates)),
        highest=float(estimates.max()),
        excluding=sum(one.side != 0 for one in options),
        shift=shift,
    )


def _shifts(estimates: Floats, group: Places, option: Places, options: int) -> tuple[Floats, Places]:
    """Effect of each option, shape (options,), and which options are linked by groups that hold both."""
    counts, sums = np.zeros((int(group.max()) + 1, options)), np.zeros((int(group.max()) + 1, options))
    np.add.at(counts, (group, option), 1.0)
    np.add.at(sums, (group, option), estimates - estimates.mean())
    size = counts.sum(axis=1)
    normal = np.diag(counts.sum(axis=0)) - counts.T @ (counts / size[:, None])
    right = sums.sum(axis=0) - counts.T @ (sums.sum(axis=1) / size)
    # Within each linked part the shifts add up to 0: the shortest of the solutions.
    shift = np.linalg.lstsq(normal, right, rcond=1e-10)[0]
    linked = (counts.T @ counts) > 0
    part = np.arange(options, dtype=np.intp)
    while True:
        lowest = np.where(linked, part[None, :], options).min(axis=1)
        if (lowest == part).all():
            return shift, part
        part = lowest


def _turning(sides: Places, group: Places, option: Places) -> float:
    """Share of groups with several options in which they disagree on the side."""

    def differ(values: Places) -> npt.NDArray[np.bool_]:
        lowest, highest = np.full(groups, values.max()), np.full(groups, values.min())
        np.minimum.at(lowest, group, values)
        np.maximum.at(highest, group, values)
        return np.asarray(lowest < highest)

    groups = int(group.max()) + 1
    compared = differ(option)
    return float((differ(sides) & compared).sum() / compared.sum()) if compared.any() else 0.0
