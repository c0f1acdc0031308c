"""A made-up assessment of one good and three bad things: every kind of row, and every kind of nothing."""

import math

from evenhand.assessment import Assessment, Effect
from evenhand.certainty.rating import Level, Rating, Step
from evenhand.distributions import Normal
from evenhand.dossier.records import (
    Caution,
    Claim,
    Dependence,
    Design,
    Dossier,
    Hand,
    Line,
    Outcome,
    OutcomeType,
    Parameter,
    Question,
    Result,
    RiskOfBias,
    Says,
    Scenario,
    Source,
    Status,
    Study,
    Treatment,
    Words,
)
from evenhand.effects.contrast import Contrast
from evenhand.integrity.finding import Finding, Severity
from evenhand.messages import message
from evenhand.outlook.absolute import (
    Absolute,
    Basis,
    CurveLine,
    CurvePoint,
    DrawnDependence,
    Interval,
    MeasuredPoint,
)
from evenhand.synthesis.pooled import Classical, Pooled, Posterior
from evenhand.verdicts.verdict import Answer, JudgedClaim, Verdict

ANY_SENTENCE = message("hand.harm")  # the records here need a sentence of the catalogue, whichever


def _result(treatment: str, events: int, n: int) -> Result:
    return Result(
        study="s1",
        outcome="cured",
        treatment=treatment,
        arm=treatment,
        comparator=None,
        followup_weeks=6.0,
        dose_mg=10.0,
        sessions_per_week=None,
        weeks=6.0,
        n_randomised=n,
        n=n,
        events=events,
        percent=None,
        mean=None,
        sd=None,
        se=None,
        ci_lower=None,
        ci_upper=None,
        p_value=None,
        p_test=None,
        status=Status.COUNTED,
        direction=None,
        source="paper",
        inferred=False,
    )


def _outcome(name: str, hand: Hand, kind: OutcomeType, unit: str, arabic: str) -> Outcome:
    return Outcome(id=name, name=Words(name, arabic), hand=hand, type=kind, unit=Words(unit), threshold=50.0)


def _absolute(outcome: str, basis: Basis, value: Interval | None, unit: str = "per 1000") -> Absolute:
    return Absolute(
        outcome=outcome,
        scenario="usual",
        treatment="drug",
        basis=basis,
        value=value,
        difference=None,
        unit=unit,
        reason=ANY_SENTENCE,
        counts=(1, 25) if basis is Basis.ONE_ARM else None,
        sources=("paper",) if value else (),
    )


def _claim(name: str, hand: Hand, outcome: str) -> Claim:
    return Claim(
        id=name,
        text=Words(f"Claim <{name}> & more", f"القول {name}"),
        hand=hand,
        says=Says.HELPS if hand is Hand.BENEFIT else Says.HARMS,
        outcomes=(outcome,),
        treatment="drug",
        comparator="nothing",
        sources=("paper",),
    )


def small_assessment() -> Assessment:
    """`B1` is very uncertain, `H1` known without a rate, `H2` never measured, `H3` on a scale."""
    study = Study(
        id="s1",
        label="Someone 2020",
        year=2020,
        design=Design.RANDOMISED,
        risk_of_bias=RiskOfBias.HIGH,
        risk_of_bias_reason=None,
        blinding=None,
        population=None,
        n_randomised=32,
        n_analysed=32,
        funding=None,
        source="paper",
    )
    contrast = Contrast(
        study=study,
        outcome="cured",
        treatment="drug",
        comparator="nothing",
        measure="OR",
        followup_weeks=6.0,
        yi=math.log(2.6),
        vi=math.nan,  # as where a cell is zero
        treated=_result("drug", 6, 16),
        control=_result("nothing", 3, 16),
        how=ANY_SENTENCE,
    )
    posterior = Posterior(
        mu=Normal(mean=0.8, sd=0.7),
        tau=None,
        prediction=Normal(mean=0.8, sd=0.9),
        shrinkage=(Normal(mean=0.8, sd=0.7),),
        likelihood="hypergeometric",
        prior_mu="normal(0, 2.82)",
        prior_tau="half-normal(0.5)",
        log_marginal=-3.25,
    )
    classical = Classical(
        method="EE",
        test="z",
        estimate=0.9555,
        se=0.8,
        ci_lower=-0.6,
        ci_upper=2.5,
        p_value=0.23,
        tau2=0.0,
        i2=0.0,
        q=0.0,
        q_p_value=1.0,
        pi_lower=-math.inf,
        pi_upper=math.inf,
        k=1,
    )
    pooled = Pooled(
        outcome="cured",
        treatment="drug",
        comparator="nothing",
        measure="OR",
        contrasts=(contrast,),
        posterior=posterior,
        classical=classical,
        estimate=2.2255409284924679,
        lower=0.56,
        upper=8.8,
        tau2=None,
    )
    rating = Rating(
        level=Level.VERY_LOW,
        start=Level.HIGH,
        start_reason=ANY_SENTENCE,
        steps=(Step(domain="risk_of_bias", steps=-2, reason=ANY_SENTENCE, by="rule"),),
    )
    cured = _absolute("cured", Basis.CONTRAST, Interval(value=1000 / 3, lower=120.0, upper=610.0))
    rash = _absolute("rash", Basis.ONE_ARM, Interval(value=40.0, lower=7.0, upper=195.0))
    never = _absolute("never_looked", Basis.NOT_MEASURED, None)
    scale = _absolute("pain", Basis.FORMULA, Interval(value=-2.5, lower=-4.0, upper=-1.0), unit="points")
    outcomes = [
        _outcome("cured", Hand.BENEFIT, OutcomeType.BINARY, "people", "شفاء"),
        _outcome("rash", Hand.HARM, OutcomeType.BINARY, "people", "طفح"),
        _outcome("never_looked", Hand.HARM, OutcomeType.BINARY, "people", "لم يُقس"),
        _outcome("pain", Hand.HARM, OutcomeType.CONTINUOUS, "points", "ألم"),
    ]
    dossier = Dossier(
        question=Question(
            title=Words("Does <the drug> help?", "هل يفيد الدواء؟"),
            population=Words("Adults"),
            treatment="drug",
            comparator="nothing",
            main_benefit="cured",
            searched="2026-11-23",
        ),
        treatments={
            "drug": Treatment(id="drug", name=Words("Drug"), features=frozenset({"pill", "needle"})),
            "nothing": Treatment(id="nothing", name=Words("Nothing")),
        },
        outcomes={outcome.id: outcome for outcome in outcomes},
        claims=(
            _claim("B1", Hand.BENEFIT, "cured"),
            _claim("H1", Hand.HARM, "rash"),
            _claim("H2", Hand.HARM, "never_looked"),
            _claim("H3", Hand.HARM, "pain"),
        ),
        scenarios=(
            Scenario(
                id="usual",
                name=Words("As usual"),
                treatment="drug",
                values={"dose_mg": 10.0, "share": "a_share"},
                default=True,
            ),
        ),
        dependences=(
            Dependence(
                id="by-time",
                claim="H3",
                outcome="pain",
                kind="curve",
                title=Words("Pain by time"),
                read=Words("Read it so."),
                variable="t",
                variable_name=Words("Weeks"),
                start=0.0,
                stop=1.0,
                lines=(Line(name=Words("All"), values={}),),
            ),
        ),
        cautions=(Caution(id="asthma", who=Words("a"), why=Words("b"), ask=Words("c"), sources=("paper",)),),
        parameters={
            "a_share": Parameter(
                name="a_share",
                label=Words("A share"),
                distribution=Normal(mean=0.1, sd=0.01),
                value=0.1,
                low=None,
                high=None,
                unit="share",
                kind="assumption",
                verified=False,
                source=None,
            )
        },
        studies={"s1": study},
        results=(contrast.treated,),
        sources={"paper": Source(key="paper", title="A paper", year="2020")},
        sha256="0" * 64,
    )
    return Assessment(
        dossier=dossier,
        scenario="usual",
        findings=(Finding(study="s1", check="GRIM", severity=Severity.SERIOUS, detail=ANY_SENTENCE, rows=(2, 3)),),
        effects=(Effect(pooled=pooled, rating=rating),),
        absolutes=(cured, rash, never, scale),
        dependences=(
            DrawnDependence(
                id="by-time",
                unit="points",
                lines=(
                    CurveLine(
                        name=Words("All", "الكل"),
                        points=(CurvePoint(x=0.0, value=Interval(value=math.nan, lower=0.0, upper=1.0)),),
                    ),
                ),
                measured=(
                    MeasuredPoint(
                        study="s1",
                        arm="drug",
                        dose_mg=10.0,
                        sessions_per_week=None,
                        weeks=6.0,
                        events=None,
                        n=None,
                        status="happened",
                        direction=None,
                        design="case report",
                    ),
                ),
            ),
        ),
        claims=(
            _judged("B1", Verdict.VERY_UNCERTAIN, rating, pooled, cured),
            _judged("H1", Verdict.KNOWN_RATE_UNKNOWN, rating, None, rash),
            _judged("H2", Verdict.NOT_MEASURED, None, None, never),
            _judged("H3", Verdict.MAY_BE, rating, None, scale),
        ),
        answer=Answer(benefit="B1", can_tell=False, known_harms=("H1",), uncertain_harms=("H3",), unmeasured=("H2",)),
        seed=7,
        draws=100,
        version="0.0.test",
    )


def _judged(
    claim: str, verdict: Verdict, rating: Rating | None, pooled: Pooled | None, absolute: Absolute
) -> JudgedClaim:
    return JudgedClaim(
        claim=claim,
        verdict=verdict,
        rating=rating,
        reasons=(ANY_SENTENCE, ANY_SENTENCE),
        outcome=absolute.outcome,
        pooled=pooled,
        absolute=absolute,
        rule="made up",
    )
