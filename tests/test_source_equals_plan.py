"""The source of each example says what its plan says, record by record, rule by rule and block by block; where not, it is said here why."""

import re
from functools import cache
from pathlib import Path

import pytest
from as_template_records import differences, records

from iacscan.engine import Options, Pipeline, scan
from iacscan.finding import State
from iacscan.load import load
from iacscan.normalise import normalise
from iacscan.report import Report

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "terraform"
STACKS = sorted(str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("plan.json"))

ACCOUNT = "the plan has read from AWS which account it is for"
SIZE = "how long a document is shows only when Terraform has written it"
BEFORE = "only a plan shows what there was before"
REMOVED = "the plan shows that the block was there, and another rule tells that it goes"
ENCODED = "the plan does not show what jsonencode makes of an ARN that is not known yet"

# (stack, code, address): why only the one or the other reports a violation there.
ONLY_PLAN = {
    ("changes", "IAM917", "module.photos.aws_s3_bucket_public_access_block.this"): BEFORE,
    ("organizations", "IAM707", "aws_organizations_policy.telemetry"): SIZE,
    ("protection", "IAM221", "aws_iam_role.rescue"): BEFORE,
    ("protection", "IAM423", "aws_iam_role.deploy"): BEFORE,
    ("protection", "IAM424", "aws_iam_role_policy.archivist"): BEFORE,
    ("protection", "IAM617", "aws_sqs_queue_policy.orders"): BEFORE,
    ("protection", "IAM726", 'aws_organizations_policy_attachment.trail["workloads"]'): BEFORE,
    ("resource_policies", "IAM615", "aws_s3_bucket_policy.orders"): ACCOUNT,
}
ONLY_SOURCE = {
    ("changes", "IAM904", "module.photos.aws_s3_bucket.this"): REMOVED,
    ("hidden", "IAM316", "aws_iam_policy.checkout"): ENCODED,
    ("hidden", "IAM402", "aws_iam_role.checkout"): ENCODED,
    ("hidden", "IAM405", "aws_iam_policy.onboarding"): ENCODED,
    ("hidden", "IAM405", 'aws_iam_policy.worker["invoice"]'): ENCODED,
    ("hidden", "IAM405", 'aws_iam_policy.worker["mailing"]'): ENCODED,
    ("hidden", "IAM408", "aws_iam_policy.onboarding"): ENCODED,
}
# Stacks that are there to show this: their policies are known after apply only, and as text.
HIDDEN_IN_PLAN = {"hidden"}


@cache
def scanned(path: str) -> Report:
    """The report on one input; a directory is its root module here, and not all that it holds."""
    return scan([str(EXAMPLES / path)], Options(), pipeline=Pipeline(load, normalise))


def violations(stack: str, path: str) -> set[tuple[str, str, str]]:
    return {
        (stack, finding.code, finding.subject.address)
        for finding in scanned(path).findings
        if finding.verdict == "violation" and finding.state is not State.FIXED
    }


def of(stack: str, exceptions: dict[tuple[str, str, str], str]) -> set[tuple[str, str, str]]:
    return {item for item in exceptions if item[0] == stack}


@pytest.mark.parametrize("stack", STACKS)
def test_source_and_plan_break_the_same_rules_at_the_same_places(stack):
    plan, source = violations(stack, f"{stack}/plan.json"), violations(stack, stack)
    assert plan - source == of(stack, ONLY_PLAN)
    assert source - plan == of(stack, ONLY_SOURCE) or stack in HIDDEN_IN_PLAN


@pytest.mark.parametrize("stack", sorted(HIDDEN_IN_PLAN))
def test_the_source_shows_what_the_plan_hides(stack):
    assert violations(stack, stack) > violations(stack, f"{stack}/plan.json")
    (plan,), (source,) = scanned(f"{stack}/plan.json").inputs, scanned(stack).inputs
    assert len(plan.coverage.unknown) > len(source.coverage.unknown) == 0


@pytest.mark.parametrize("stack", STACKS)
def test_all_of_the_source_is_evaluated_and_every_policy_in_it_can_be_judged(stack):
    (read,) = scanned(stack).inputs
    assert (read.status, read.kind, read.unseen, read.notes) == ("scanned", "terraform-source", (), ())
    assert read.coverage.unknown == ()


@pytest.mark.parametrize("stack", STACKS)
def test_what_the_plan_decides_and_the_source_cannot_is_reported_as_undecided_and_not_passed(stack):
    undecided = {(stack, item.code) for item in scanned(stack).findings if item.verdict == "undecided"}
    missed = {item[:2] for item, why in ONLY_PLAN.items() if item[0] == stack and why == ACCOUNT}
    assert missed <= undecided


@pytest.mark.parametrize("stack", STACKS)
def test_every_finding_in_source_has_a_place_in_a_file_of_the_stack(stack):
    for finding in scanned(stack).findings:
        span = finding.subject.span
        if finding.subject.type in ("variable", "output", "local"):
            continue
        assert span is not None, finding.subject
        lines = "\n".join(Path(span.file).read_text("utf-8").splitlines()[span.line - 1 : span.end_line])
        shown = re.findall(r'^\{"Sid":("[^"]+")|^(\w+) (?:=|is not set)', "\n".join(finding.evidence), re.MULTILINE)
        words = [
            "provider ",
            f'"{finding.subject.resource.rpartition(".")[2]}"',
            *(one or other for one, other in shown),
        ]
        assert any(word in lines for word in words), (finding.subject, finding.evidence)


PAST = "only a plan knows what is there already, with its ids and what AWS has filled in"
WHOLE = "a plan shows nothing of a map in which one value is not known"
HOW_MUCH = "what the plan shows in part, the source shows as a whole"
# Fields that differ by nature though both know them, by the kind of their record; an empty field is the record itself.
FIELDS = {
    ("account_ids", "*"): "likewise, and they are those of `accounts`",
    (
        "accounts",
        "*",
    ): "a plan is told by AWS which account it is for; a role that a provider assumes is not evaluated in it",
    ("bucket_acls", ""): PAST,
    ("bucket_policies", "waits_for"): PAST,
    ("buckets", "existed"): PAST,
    ("coverage", ""): HOW_MUCH,
    ("credential_literals", "path"): "the source shows what the whole is that the place is in",
    ("detached", ""): PAST,
    ("gone", "*"): PAST,
    ("organization_policies", "id"): PAST,
    ("policy_targets", "policy"): PAST,
    ("removed_principals", ""): PAST,
    ("resource_policies", ""): PAST,
    ("resource_policies", "target"): PAST,
    ("service_credentials", "status"): "the provider fills in what is not set",
    ("workloads", "environment"): WHOLE,
    ("workloads", "roles"): "a link through each.value names the role, and ARN and name mean the same",
}
# What the plans have read from AWS, and the account that their stacks are for.
KNOWN = {"210987654321": "⟦account⟧", "eu-central-1": "⟦region⟧"}


def unread(text: str) -> str:
    return re.sub("|".join(rf"\b{known}\b" for known in KNOWN), lambda found: KNOWN[found[0]], text)


def test_source_and_plan_have_the_same_records_as_far_as_both_know_them():
    unexpected, met = [], set()
    for stack in STACKS:
        plan, source = (
            records(normalise(load(str(EXAMPLES / path)))[1], unread) for path in (f"{stack}/plan.json", stack)
        )
        for item in differences(plan, source, certain=True):
            field = item.kind, "*" if (item.kind, "*") in FIELDS else item.field
            met.add(field)
            if field not in FIELDS:
                unexpected.append(f"{stack}: {item} (first: the plan, second: the source)")
    assert not unexpected, "\n".join(unexpected[:20])
    assert met == FIELDS.keys(), "fields that do not differ any more"
