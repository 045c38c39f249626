"""One report with a finding of every kind, which every format is asked to write."""

import pytest

from iacscan.finding import Confidence, Finding, Origin, Related, Severity, State
from iacscan.model.estate import Coverage
from iacscan.report import Input, Report
from iacscan.rules._rule import Rule
from iacscan.source import Span

BUCKET = Origin(address="aws_s3_bucket.logs", type="aws_s3_bucket", input="plan.json")
POLICY = Origin(address="aws_s3_bucket_policy.logs", type="aws_s3_bucket_policy", input="plan.json")
ROLE = Origin(
    address='module.ci["main"].aws_iam_role.this',
    type="aws_iam_role",
    input="plan.json",
    action="update",
    span=Span("ci/main.tf", 12, 20),
)
USER = Origin(address="aws_iam_user.old", type="aws_iam_user", input="plan.json", action="no-op")


def rule(code: str, name: str, severity: Severity) -> Rule:
    return Rule(
        code=code,
        name=name,
        tip=int(code[3]),
        severity=severity,
        confidence=Confidence.HIGH,
        references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
        controls=(),
        examples=(),
        summary=f"What {code} is about.",
        why="Whoever finds it can use it. This sentence is one too many for a screen.",
        fix='```hcl\nresource "x" "y" {}\n```',
        notes="",
        check=lambda _: iter(()),
        module="tests",
    )


RULES = (
    rule("IAM401", "wildcard-admin", Severity.HIGH),
    rule("IAM902", "bucket-policy-public-read", Severity.HIGH),
)


def finding(code: str, subject: Origin, **more: object) -> Finding:
    by_code = {rule.code: rule for rule in RULES}
    facts: dict[str, object] = {
        "code": code,
        "name": by_code[code].name,
        "tip": by_code[code].tip,
        "severity": by_code[code].severity,
        "confidence": Confidence.HIGH,
        "verdict": "violation",
        "state": State.NEW,
        "subject": subject,
        "related": (),
        "message": "it is wrong",
        "evidence": (),
        "remedy": by_code[code].fix,
        "fingerprint": f"{code}-{subject.address}",
    }
    return Finding(**(facts | more))


@pytest.fixture
def report() -> Report:
    return Report(
        inputs=(
            Input(
                path="plan.json",
                status="scanned",
                kind="terraform-plan",
                coverage=Coverage(41, 2, (("aws_iam_policy.deploy.policy", "known only after apply"),)),
            ),
            Input(path="broken.json", status="unreadable", error="is empty; make it again"),
        ),
        findings=(
            finding(
                "IAM902",
                POLICY,
                severity=Severity.CRITICAL,
                message="anyone on the internet can read the objects of bucket logs",
                evidence=('statement "Public": Allow * s3:GetObject on arn:aws:s3:::⟦aws_s3_bucket.logs⟧/*',),
                related=(Related(BUCKET, "no public access block covers it"),),
                remedy="Name the accounts that may read, or put CloudFront in front.",
            ),
            finding(
                "IAM401",
                ROLE,
                state=State.WORSE,
                confidence=Confidence.MEDIUM,
                message="the role may do anything",
                evidence=("Allow * on *",),
            ),
            finding("IAM401", USER, state=State.EXISTING),
            finding("IAM902", BUCKET, state=State.FIXED),
            finding(
                "IAM902",
                BUCKET,
                verdict="undecided",
                confidence=Confidence.LOW,
                message="whether the bucket is public is not known: its policy is known only after apply",
            ),
            finding("IAM401", BUCKET, severity=Severity.INFO, message="a remark"),
            finding("IAM401", POLICY, suppressed=True),
        ),
        rules=RULES,
    )
