"""What a rule says becomes a finding: with the rule's facts, in the words of the input, without its secrets."""

from msgspec.structs import replace

from .change import fingerprint
from .finding import Confidence, Finding, State, Violation
from .model.estate import Estate
from .rules._rule import Rule, Verdict
from .spelling import as_in_template


def stamp(rule: Rule, verdict: Verdict, estate: Estate) -> Finding:
    """Make a finding of a rule's verdict about an estate. What cannot be decided is, by its nature, of low confidence."""
    verdict = _told(verdict, estate)
    violated = isinstance(verdict, Violation)
    confidence = verdict.confidence if isinstance(verdict, Violation) else Confidence.LOW
    severity = verdict.severity
    return Finding(
        code=rule.code,
        name=rule.name,
        tip=rule.tip,
        severity=rule.severity if severity is None else severity,
        confidence=rule.confidence if confidence is None else confidence,
        verdict="violation" if violated else "undecided",
        state=State.NEW,
        subject=verdict.subject,
        related=verdict.related,
        message=verdict.message,
        evidence=verdict.evidence,
        remedy=verdict.remedy or rule.remedy(in_template=estate.is_template),
        fingerprint=fingerprint(rule.code, verdict.subject.address, verdict.key, verdict.evidence, verdict.message),
        key=verdict.key,
        about=verdict.about if isinstance(verdict, Violation) else (),
    )


def _told(verdict: Verdict, estate: Estate) -> Verdict:
    """Take out of a verdict what the input marks as sensitive; longer texts first, for one may hold another.

    What is said about a template is put in its own words, in which parts of a resource have its name: none is related to itself.
    """
    if not estate.secrets and not estate.is_template:
        return verdict
    ordered = sorted(estate.secrets, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "(sensitive)")
        return as_in_template(text) if estate.is_template else text

    related = tuple(replace(item, note=clean(item.note)) for item in verdict.related)
    if estate.is_template:
        apart = (item for item in related if item.origin.address != verdict.subject.address)
        related = tuple({(item.origin.address, item.note): item for item in apart}.values())
    return replace(
        verdict,
        message=clean(verdict.message),
        evidence=tuple(clean(line) for line in verdict.evidence),
        related=related,
        remedy=None if verdict.remedy is None else clean(verdict.remedy),
        key=clean(verdict.key),
    )
