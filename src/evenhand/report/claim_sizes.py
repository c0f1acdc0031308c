"""The size of a claim in one or two plain sentences, by the kind of evidence that gave it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from evenhand.dossier.records import Dossier, Outcome, OutcomeType
from evenhand.messages import Message, message
from evenhand.outlook.absolute import Absolute, Basis, Interval
from evenhand.report.amounts import PER_1000, amount_range, change, change_range, figure, size_lead, value_of
from evenhand.synthesis.pooled import Pooled
from evenhand.verdicts.verdict import JudgedClaim, Verdict
from evenhand.words.catalogue import Catalogue

# Verdicts that say something other than 'how much': the number, if there is one, follows without a GRADE sentence.
_WITHOUT_LEAD = frozenset({Verdict.CONTRADICTED, Verdict.KNOWN_RATE_UNKNOWN, Verdict.NOT_MEASURED})


def size_sentences(
    judged: JudgedClaim, dossier: Dossier, without: Absolute | None, catalogue: Catalogue
) -> tuple[Message, ...]:
    """What a reader is told of the size, first the sentence that carries the certainty.

    Parameters
    ----------
    judged : JudgedClaim
        With the absolute numbers of the scenario asked about.
    without : Absolute or None
        The same outcome under the question's comparator.
    """
    if judged.verdict is Verdict.NOT_MEASURED:
        return (message("report.size.not_measured"),)
    absolute, value = judged.absolute, value_of(judged.absolute)
    if judged.outcome is None or absolute is None or value is None:
        if judged.verdict is Verdict.KNOWN_RATE_UNKNOWN:
            return (message("report.size.rate_unknown"),)
        if judged.pooled is not None and judged.pooled.comparator is not None:
            return _pooled_sentences(judged, judged.pooled, dossier, catalogue)
        shown = dossier.outcomes.get(judged.outcome or "")
        is_mechanism = shown is not None and shown.type is OutcomeType.MECHANISM
        return (message("report.size.mechanism" if is_mechanism else "report.size.no_number"),)
    outcome = dossier.outcomes[judged.outcome]
    numbers = amount_sentences(absolute, value, outcome, without, catalogue)
    if judged.verdict is Verdict.KNOWN_RATE_UNKNOWN:
        return (message("report.size.rate_unknown"), *numbers)
    level = judged.rating.level.word if judged.rating else None
    # Without a difference there is no direction to word, but very low certainty is said all the same.
    if judged.verdict in _WITHOUT_LEAD or (absolute.difference is None and level != "very low"):
        return numbers
    return (size_lead(level, absolute.difference, outcome.threshold, absolute.unit), *numbers)


def _pooled_sentences(
    judged: JudgedClaim, pooled: Pooled, dossier: Dossier, catalogue: Catalogue
) -> tuple[Message, ...]:
    """An effect no scenario turns into people: the pooled difference or ratio, and what it is against."""
    outcome = dossier.outcomes[pooled.outcome]
    against = {"comparator": dossier.treatments[pooled.comparator or ""].name}
    interval = Interval(value=pooled.estimate, lower=pooled.lower, upper=pooled.upper)
    if pooled.measure == "MD":
        size = message(
            "report.size.pooled_difference",
            change=change(catalogue, interval.value, outcome.unit.en),
            range=change_range(catalogue, interval, outcome.unit.en),
            unit=outcome.unit,
            **against,
        )
    else:
        measure = message(f"effects.measure.{pooled.measure}")
        value = figure(catalogue, interval.value, pooled.measure)
        span = amount_range(catalogue, interval, pooled.measure)
        size = message("report.size.pooled_effect", measure=measure, value=value, range=span, **against)
    level = judged.rating.level.word if judged.rating else None
    return (size,) if level not in (None, "very low") else (message("report.size.very_low"), size)


def amount_sentences(
    absolute: Absolute,
    value: Interval,
    outcome: Outcome,
    without: Absolute | None,
    catalogue: Catalogue,
) -> tuple[Message, ...]:
    """The numbers alone: with, without and the difference, each with its interval; `value` is `absolute`'s own."""
    unit = absolute.unit
    if absolute.basis is Basis.IMPOSSIBLE:
        return (message("report.size.impossible"),)
    if absolute.counts is not None:
        events, n = absolute.counts
        if events == 0:
            upper = figure(catalogue, value.upper, unit)
            return (message("report.size.none_of", n=n, upper=upper),)
        return (
            message(
                "report.size.one_arm",
                events=events,
                n=n,
                value=figure(catalogue, value.value, unit),
                range=amount_range(catalogue, value, unit),
            ),
        )
    if unit != PER_1000 and absolute.basis is Basis.CONTRAST:
        # A pooled difference of means is a difference, and nothing is said of either arm.
        return (
            message(
                "report.size.scale_difference",
                change=change(catalogue, value.value, unit),
                range=change_range(catalogue, value, unit),
                unit=outcome.unit,
            ),
        )
    scale = "people" if unit == PER_1000 else "scale"
    unit_words = {} if scale == "people" else {"unit": outcome.unit}
    amount = {"value": figure(catalogue, value.value, unit), "range": amount_range(catalogue, value, unit)} | unit_words
    sentences = []
    untreated = value_of(without)
    if untreated is not None:
        baseline = figure(catalogue, untreated.value, unit)
        sentences.append(message(f"report.size.{scale}_both", without=baseline, **amount))
    else:
        sentences.append(message(f"report.size.{scale}_with", **amount))
    if absolute.difference is not None and untreated is not None:
        sentences.append(
            message(
                "report.size.difference",
                change=change(catalogue, absolute.difference.value, unit),
                range=change_range(catalogue, absolute.difference, unit),
            )
        )
    return tuple(sentences)


def short_size(absolute: Absolute | None, outcome: Outcome | None, catalogue: Catalogue) -> Message:
    """A size for a list: `8 of 25 people`, `about 3 of 1,000 (1 to 7)`, or that nobody knows how often."""
    value = value_of(absolute)
    if absolute is None or outcome is None or value is None:
        return message("report.size.short_unknown")
    if absolute.basis is Basis.IMPOSSIBLE:
        return message("report.size.short_impossible")
    if absolute.counts is not None:
        events, n = absolute.counts
        return message("report.size.short_count", events=events, n=n)
    amount = {
        "value": figure(catalogue, value.value, absolute.unit),
        "range": amount_range(catalogue, value, absolute.unit),
    }
    if absolute.unit == PER_1000:
        return message("report.size.short_people", **amount)
    return message("report.size.short_scale", unit=outcome.unit, **amount)
