"""The first lines of a report: what the verdicts come to, gated on certainty.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

from collections.abc import Sequence

from evenhand.certainty.rating import Level
from evenhand.dossier.records import Claim, Dossier, Hand, Says
from evenhand.verdicts.rules import HAPPENS, STRENGTH
from evenhand.verdicts.verdict import Answer, JudgedClaim, Verdict

_TELLING = frozenset({Verdict.SUPPORTED, Verdict.PROBABLY, Verdict.MAY_BE, Verdict.CONTRADICTED})


def answer(dossier: Dossier, claims: Sequence[JudgedClaim]) -> Answer:
    """What can be said at once.

    Where the good thing people come for is of very low certainty, `can_tell` is False: a precise balance out of very
    uncertain rows would be a falsehood, so the page says that the evidence cannot tell, and names the harms that are
    known.
    """
    by_id = {claim.id: claim for claim in dossier.claims}
    benefit = next(
        (
            judged
            for judged in claims
            if by_id[judged.claim].says is Says.HELPS and dossier.question.main_benefit in by_id[judged.claim].outcomes
        ),
        None,
    )
    harms = [judged for judged in claims if _is_a_harm(by_id[judged.claim])]
    harms.sort(key=lambda judged: (not _serious(dossier, judged), -STRENGTH.index(judged.verdict)))
    unmeasured = [judged for judged in claims if judged.verdict is Verdict.NOT_MEASURED]
    unmeasured.sort(key=lambda judged: by_id[judged.claim].hand is Hand.HARM)
    return Answer(
        benefit=None if benefit is None else benefit.claim,
        can_tell=benefit is not None
        and benefit.verdict in _TELLING
        and benefit.rating is not None
        and benefit.rating.level > Level.VERY_LOW,
        known_harms=tuple(judged.claim for judged in harms if judged.verdict in HAPPENS),
        uncertain_harms=tuple(
            judged.claim for judged in harms if judged.verdict in (Verdict.MAY_BE, Verdict.VERY_UNCERTAIN)
        ),
        unmeasured=tuple(judged.claim for judged in unmeasured),
    )


def _is_a_harm(claim: Claim) -> bool:
    return claim.hand is Hand.HARM and claim.says is Says.HARMS


def _serious(dossier: Dossier, judged: JudgedClaim) -> bool:
    return judged.outcome is not None and dossier.outcomes[judged.outcome].serious
