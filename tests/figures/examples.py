"""Records to draw: the 13 BCG trials, trials with zero cells, one-arm counts, and dependences of each kind."""

import math

from evenhand.distributions import Normal
from evenhand.dossier.records import (
    Dependence,
    Design,
    Direction,
    Hand,
    Line,
    Outcome,
    OutcomeType,
    Result,
    RiskOfBias,
    Status,
    Study,
    Words,
)
from evenhand.effects.contrast import Contrast
from evenhand.messages import message
from evenhand.outlook.absolute import CurveLine, CurvePoint, DrawnDependence, Interval, MeasuredPoint
from evenhand.synthesis.pooled import Classical, Pooled, Posterior

HOSTILE = "</text><script>alert(1)</script>\" onload='x' & \u202egnp.exe \x00"

# Colditz et al. (1994), JAMA 271, 698-702: label, cases and all vaccinated, cases and all controls.
BCG = (
    ("Vandiviere 1973", 8, 2545, 10, 629),
    ("Ferguson & Simes 1949", 6, 306, 29, 303),
    ("Hart & Sutherland 1977", 62, 13598, 248, 12867),
    ("Rosenthal 1961", 17, 1716, 65, 1665),
    ("Rosenthal 1960", 3, 231, 11, 220),
    ("Aronson 1948", 4, 123, 11, 139),
    ("Stein & Aronson 1953", 180, 1541, 372, 1451),
    ("Coetzee & Berjak 1968", 29, 7499, 45, 7277),
    ("Comstock 1974", 186, 50634, 141, 27338),
    ("Frimodt-Moller 1973", 33, 5069, 47, 5808),
    ("Comstock 1976", 27, 16913, 29, 17854),
    ("TPT Madras 1980", 505, 88391, 499, 88391),
    ("Comstock & Webster 1969", 5, 2498, 3, 2341),
)
RISKS = (RiskOfBias.LOW, RiskOfBias.SOME, RiskOfBias.HIGH, RiskOfBias.UNCLEAR)


def a_study(label: str, risk: RiskOfBias = RiskOfBias.SOME) -> Study:
    return Study(
        id="".join(letter for letter in label if letter.isalnum()),
        label=label,
        year=None,
        design=Design.RANDOMISED,
        risk_of_bias=risk,
        risk_of_bias_reason=None,
        blinding=None,
        population=None,
        n_randomised=None,
        n_analysed=None,
        funding=None,
        source="s",
    )


def an_arm(study: str, *, n: int | None, events: int | None = None, mean: float | None = None, sd: float | None = None):
    return Result(
        study=study,
        outcome="o",
        treatment="t",
        arm="arm",
        comparator=None,
        followup_weeks=None,
        dose_mg=None,
        sessions_per_week=None,
        weeks=None,
        n_randomised=None,
        n=n,
        events=events,
        percent=None,
        mean=mean,
        sd=sd,
        se=None,
        ci_lower=None,
        ci_upper=None,
        p_value=None,
        p_test=None,
        status=Status.COUNTED,
        direction=None,
        source="s",
        inferred=False,
    )


def a_contrast(study: Study, treated: Result, control: Result | None, measure: str, yi: float, vi: float) -> Contrast:
    return Contrast(
        study=study,
        outcome="o",
        treatment="t",
        comparator=None if measure in ("PLO", "MN") else "c",
        measure=measure,
        followup_weeks=None,
        yi=yi,
        vi=vi,
        treated=treated,
        control=control,
        how=message("effects.how.counts"),
    )


def a_pooled(measure: str, contrasts: tuple[Contrast, ...], mean: float, sd: float, **others) -> Pooled:
    """A pooled effect whose posterior is normal on the analysis scale."""
    display = {"OR": math.exp, "RR": math.exp, "PLO": lambda x: 1 / (1 + math.exp(-x))}.get(measure, float)
    estimate, lower, upper = (display(mean + step * sd) for step in (0.0, -1.96, 1.96))
    prediction = others.pop("prediction", Normal(mean, 2 * sd))
    posterior = Posterior(
        mu=Normal(mean, sd),
        tau=None,
        prediction=prediction,
        shrinkage=(),
        likelihood="normal",
        prior_mu="flat",
        prior_tau="half-normal(0.5)",
        log_marginal=0.0,
    )
    fields = {
        "outcome": "o",
        "treatment": "t",
        "comparator": contrasts[0].comparator,
        "measure": measure,
        "contrasts": contrasts,
        "posterior": posterior,
        "classical": None,
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "tau2": None,
    }
    return Pooled(**(fields | others))


def a_classical(estimate: float, se: float, **others) -> Classical:
    fields = {
        "method": "REML",
        "test": "knha",
        "estimate": estimate,
        "se": se,
        "ci_lower": estimate - 2.18 * se,
        "ci_upper": estimate + 2.18 * se,
        "p_value": 0.01,
        "tau2": 0.31,
        "i2": 92.0,
        "q": 152.2,
        "q_p_value": 0.0,
        "pi_lower": estimate - 1.3,
        "pi_upper": estimate + 1.3,
        "k": 13,
    }
    return Classical(**(fields | others))


def bcg() -> Pooled:
    """Log risk ratios of the 13 trials, and the published random-effects estimate."""
    contrasts = []
    for place, (label, events_t, n_t, events_c, n_c) in enumerate(BCG):
        study = a_study(label, RISKS[place % 4])
        contrasts.append(
            a_contrast(
                study,
                an_arm(study.id, n=n_t, events=events_t),
                an_arm(study.id, n=n_c, events=events_c),
                "RR",
                math.log(events_t / n_t) - math.log(events_c / n_c),
                1 / events_t - 1 / n_t + 1 / events_c - 1 / n_c,
            )
        )
    return a_pooled(
        "RR",
        tuple(contrasts),
        -0.708,
        0.2,
        prediction=Normal(-0.708, 0.66),
        classical=a_classical(-0.7145, 0.1807),
        tau2=0.3132,
    )


def with_zero_cells(label: str = "Nobody 2001") -> Pooled:
    """Three trials, one of them without any event in either arm and so without an estimate."""
    rows = ((label, 0, 40, 0, 41), ("Few 2004", 3, 60, 1, 58), ("Wide 2009", 1, 12, 30, 31))
    contrasts = []
    for name, events_t, n_t, events_c, n_c in rows:
        study = a_study(name, RiskOfBias.HIGH)
        cells = (events_t, n_t - events_t, events_c, n_c - events_c)
        known = all(cells)
        contrasts.append(
            a_contrast(
                study,
                an_arm(study.id, n=n_t, events=events_t),
                an_arm(study.id, n=n_c, events=events_c),
                "OR",
                math.log(cells[0] * cells[3] / cells[1] / cells[2]) if known else math.nan,
                sum(1 / cell for cell in cells) if known else math.nan,
            )
        )
    return a_pooled("OR", tuple(contrasts), 0.2, 0.8)


def one_arm() -> Pooled:
    """Proportions of single arms, one of them zero."""
    contrasts = []
    for name, events, n in (("Zubair 2016", 8, 25), ("Puri 2019", 0, 40), ("Small 2020", 1, 9)):
        study = a_study(name)
        yi = math.log(events / (n - events)) if events else math.nan
        vi = 1 / events + 1 / (n - events) if events else math.nan
        contrasts.append(a_contrast(study, an_arm(study.id, n=n, events=events), None, "PLO", yi, vi))
    return a_pooled("PLO", tuple(contrasts), -1.9, 0.6)


def means() -> Pooled:
    """Mean differences on a scale."""
    contrasts = []
    for name, mean_t, mean_c, sd, n in (("Iraji 2019", 3.05, 1.82, 1.4, 30), ("Wahab 2021", 2.2, 0.4, 2.6, 14)):
        study = a_study(name, RiskOfBias.LOW)
        contrasts.append(
            a_contrast(
                study,
                an_arm(study.id, n=n, mean=mean_t, sd=sd),
                an_arm(study.id, n=n, mean=mean_c, sd=sd),
                "MD",
                mean_t - mean_c,
                2 * sd**2 / n,
            )
        )
    return a_pooled("MD", tuple(contrasts), 1.3, 0.4, classical=a_classical(1.33, 0.37, tau2=0.0), tau2=0.0)


def an_outcome(hand: Hand = Hand.HARM, kind: OutcomeType = OutcomeType.BINARY, **others) -> Outcome:
    fields = {
        "id": "o",
        "name": Words("Tuberculosis", "السل"),
        "hand": hand,
        "type": kind,
        "unit": Words("people", "أشخاص"),
    }
    return Outcome(**(fields | others))


TREATMENT, COMPARATOR = Words("Vaccine", "اللقاح"), Words("No vaccine", "بلا لقاح")


def a_dependence(kind: str, **others) -> Dependence:
    fields = {
        "id": "d",
        "claim": "H8a",
        "outcome": "o",
        "kind": kind,
        "title": Words("Hepatitis B over a course", "التهاب الكبد ب خلال دورة كاملة"),
        "read": Words("Read it."),
        "variable": "reuse",
        "variable_name": Words("Share of needles used before", "نسبة الإبر المستعملة من قبل"),
        "start": 0.0,
        "stop": 1.0,
        "lines": (Line(name=Words("a"), values={}),),
    }
    return Dependence(**(fields | others))


REGIONS = (
    (Words("Western Pacific", "غرب المحيط الهادئ"), 0.06),
    (Words("Africa", "أفريقيا"), 0.058),
    (Words("South-East Asia, where many adults were never vaccinated", "جنوب شرق آسيا"), 0.03),
    (Words("Eastern Mediterranean", "شرق المتوسط"), 0.018),
    (Words("Europe", "أوروبا"), 0.012),
    (Words("The Americas", "الأمريكتان"), 0.005),
    (Words("Anyone who is immune", "من لديه مناعة"), 0.0),
)


def curves(count: int = 7) -> DrawnDependence:
    """Risk over 12 sessions against the share of needles used before."""

    def risk(prevalence: float, share: float, transmission: float) -> float:
        return 1000 * (1 - (1 - share * prevalence * transmission) ** 12)

    return DrawnDependence(
        id="d",
        unit="per 1000",
        lines=tuple(
            CurveLine(
                name=name,
                points=tuple(
                    CurvePoint(
                        x=share / 52,
                        value=Interval(
                            value=risk(prevalence, share / 52, 0.18),
                            lower=risk(prevalence, share / 52, 0.08),
                            upper=risk(prevalence, share / 52, 0.3),
                        ),
                    )
                    for share in range(53)
                ),
            )
            for name, prevalence in REGIONS[:count]
        ),
    )


def bars() -> DrawnDependence:
    """Loss of sunburn protection by skin type."""
    rows = (("I", -1.9, -3.4, -0.6), ("II", -2.4, -4.3, -0.8), ("III", -3.2, -5.6, -1.0), ("VI", -9.1, -16.0, -3.0))
    return DrawnDependence(
        id="d",
        unit="mJ/cm²",
        lines=tuple(
            CurveLine(
                name=Words(f"Skin type {name}", f"نوع البشرة {name}"),
                points=(CurvePoint(x=0.0, value=Interval(value=value, lower=lower, upper=upper)),),
            )
            for name, value, lower, upper in rows
        ),
    )


def measured() -> DrawnDependence:
    """Results of unequal kinds, with and without a dose."""
    rows = (
        ("handog2016", "lozenge", 500.0, 7.0, 8.0, 0, 30, Status.COUNTED, None, Design.ONE_ARM),
        ("zubair2016", "IV", 1200.0, 2.0, 6.0, 8, 25, Status.COUNTED, None, Design.COMPARATIVE),
        ("leal2014", "IV", 2500.0, 0.5, 18.0, None, None, Status.DIRECTION, Direction.NO_DIFFERENCE, Design.RANDOMISED),
        ("rat2024", "124 mg/kg", 37.0, 7.0, 4.0, 0, 8, Status.COUNTED, None, Design.ANIMAL),
        ("phfda2011", "", None, None, None, None, None, Status.SAID, None, Design.NOTICE),
        ("sirs2018", "", None, None, None, 1, None, Status.HAPPENED, None, Design.CASE_REPORT),
        ("wang2020", "IV", 1400.0, 3.0, None, None, None, Status.NOT_REPORTED, None, Design.RANDOMISED),
    )
    return DrawnDependence(
        id="d",
        unit="per 1000",
        measured=tuple(
            MeasuredPoint(
                study=study,
                arm=arm,
                dose_mg=dose,
                sessions_per_week=sessions,
                weeks=weeks,
                events=events,
                n=n,
                status=status.value,
                direction=None if direction is None else direction.value,
                design=design.value,
            )
            for study, arm, dose, sessions, weeks, events, n, status, direction, design in rows
        ),
    )
