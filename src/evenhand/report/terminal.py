"""The answer in a few lines, for a terminal.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from evenhand.assessment import Assessment
from evenhand.integrity.finding import Severity
from evenhand.report.answer import answer_lead, known_harms, serious_harms
from evenhand.report.lookup import Lookup
from evenhand.verdicts.verdict import Verdict
from evenhand.words import key_of
from evenhand.words.catalogue import Catalogue, Raw

_HARMS = 4  # named before 'and n more'
_STUDIES = 6


def short_answer(assessment: Assessment, language: str) -> str:
    """What the page's first lines say, the verdicts counted, and where the printed figures do not fit.

    Returns
    -------
    str
        At most twelve lines, without a line end after the last; no markup.
    """
    catalogue = Catalogue.load(language)
    lookup = Lookup(assessment)
    question = assessment.dossier.question
    lines = [catalogue.say(question.title), catalogue.say(answer_lead(lookup)), *_known(lookup, catalogue)]
    if question.answer_note is not None:
        lines.append(catalogue.text("terminal.would_tell", study=question.answer_note))
    lines.append(_verdicts(assessment, catalogue))
    lines.append(_findings(lookup, catalogue))
    return "\n".join(" ".join(line.split()) for line in lines)


def _known(lookup: Lookup, catalogue: Catalogue) -> list[str]:
    harms = [lookup.claims[claim].text for claim in known_harms(lookup)]
    if not harms:
        denied = serious_harms(lookup)
        return [catalogue.text("terminal.no_known") if denied is None else catalogue.say(denied)]
    named = [catalogue.text("terminal.harm", text=Raw(catalogue.say(text).rstrip(".。 "))) for text in harms[:_HARMS]]
    if len(harms) > _HARMS:
        named.append(catalogue.text("terminal.known_more", count=len(harms) - _HARMS))
    return [catalogue.text("terminal.known"), *named]


def _verdicts(assessment: Assessment, catalogue: Catalogue) -> str:
    counts = {verdict: sum(judged.verdict is verdict for judged in assessment.claims) for verdict in Verdict}
    named = [
        catalogue.text(
            "terminal.verdict_count", word=Raw(catalogue.text(f"verdict.word.{key_of(verdict)}")), count=number
        )
        for verdict, number in counts.items()
        if number
    ]
    return catalogue.text("terminal.verdicts", list=Raw(catalogue.text("report.semicolon").join(named) or "0"))


def _findings(lookup: Lookup, catalogue: Catalogue) -> str:
    studies = lookup.dossier.studies
    labels = dict.fromkeys(
        studies[finding.study].label if finding.study in studies else finding.study
        for finding in lookup.assessment.findings
        if finding.severity is not Severity.NOTE
    )
    notes = sum(finding.severity is Severity.NOTE for finding in lookup.assessment.findings)
    if not labels:
        # 'check' lists them all: the two commands never contradict each other.
        return catalogue.text("terminal.only_notes", n=notes) if notes else catalogue.text("terminal.no_findings")
    named = list(labels)[:_STUDIES]
    if len(labels) > _STUDIES:
        named.append(catalogue.text("terminal.known_more", count=len(labels) - _STUDIES))
    return catalogue.text("terminal.findings_at", studies=Raw(catalogue.text("report.semicolon").join(named)))
