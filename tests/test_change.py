import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.change import Gate, compare, fingerprint
from iacscan.finding import Confidence, Finding, Origin, Related, Severity, State


def finding(
    address: str = "aws_iam_policy.a",
    evidence: tuple[str, ...] = ("Allow * on *",),
    *,
    code: str = "IAM401",
    key: str = "",
    severity: Severity = Severity.HIGH,
    verdict: str = "violation",
    holder: str = "",
) -> Finding:
    related = (Related(Origin(holder, holder.partition(".")[0]), "has it"),) if holder else ()
    return Finding(
        code=code,
        name="x",
        tip=4,
        severity=severity,
        confidence=Confidence.HIGH,
        verdict=verdict,
        state=State.NEW,
        subject=Origin(address, address.partition(".")[0]),
        related=related,
        message="m",
        evidence=evidence,
        remedy="r",
        fingerprint=fingerprint(code, address, key, evidence, "m"),
        key=key,
    )


def states(before: list[Finding], after: list[Finding]) -> list[State]:
    return [found.state for found in compare(before, after)]


def test_what_stays_the_same_is_existing() -> None:
    assert states([finding()], [finding()]) == [State.EXISTING]


def test_without_a_before_all_is_new_and_without_an_after_all_is_fixed() -> None:
    assert states([], [finding()]) == [State.NEW]
    assert states([finding()], []) == [State.FIXED]


def test_evidence_in_another_order_is_the_same() -> None:
    assert states([finding(evidence=("a", "b"))], [finding(evidence=("b", "a"))]) == [State.EXISTING]


def test_more_evidence_under_one_key_is_worse_and_less_is_not() -> None:
    small, large = finding(evidence=("a",), key="Sid"), finding(evidence=("a", "b"), key="Sid")
    assert states([small], [large]) == [State.WORSE]
    assert states([large], [small]) == [State.EXISTING]


def test_other_evidence_is_worse_because_nothing_shows_that_it_is_not() -> None:
    assert states([finding(evidence=("s3:Get*",))], [finding(evidence=("s3:*",))]) == [State.WORSE]


def test_another_message_without_evidence_is_worse() -> None:
    before = replace(finding(evidence=()), message="one user shares it")
    assert states([before], [finding(evidence=())]) == [State.WORSE]


def test_a_higher_severity_is_worse_and_a_lower_one_is_not() -> None:
    high, medium = finding(), finding(severity=Severity.MEDIUM)
    assert states([medium], [high]) == [State.WORSE]
    assert states([high], [medium]) == [State.EXISTING]


def test_a_doubt_that_comes_true_is_worse() -> None:
    assert states([finding(verdict="undecided")], [finding()]) == [State.WORSE]


def test_a_statement_that_is_given_another_sid_is_existing() -> None:
    assert states([finding(key="Old")], [finding(key="New")]) == [State.EXISTING]


def test_an_inline_policy_that_becomes_a_managed_one_is_no_news() -> None:
    inline = finding("aws_iam_group_policy.a", holder="aws_iam_group.g")
    managed = finding("aws_iam_policy.a", holder="aws_iam_group.g")
    assert states([inline], [managed]) == [State.EXISTING]


def test_attachments_that_change_places_are_no_news() -> None:
    def at(index: int, holder: str) -> Finding:
        return finding(f"aws_iam_user_policy_attachment.a[{index}]", holder=f"aws_iam_user.{holder}")

    assert states([at(0, "ann")], [at(1, "ann")]) == [State.EXISTING]


def test_templates_have_holders_too() -> None:
    def held(policy: str, role: str) -> Finding:
        origins = Origin(policy, "AWS::IAM::ManagedPolicy"), Origin(role, "AWS::IAM::Role")
        return replace(finding(), subject=origins[0], related=(Related(origins[1], "has it"),))

    assert states([held("Old", "Deploy")], [held("New", "Deploy")]) == [State.EXISTING]
    assert states([held("Old", "Deploy")], [held("New", "Audit")]) == [State.NEW, State.FIXED]


def test_the_same_words_about_another_holder_are_new() -> None:
    closed = finding("aws_s3_bucket_acl.a", ("acl = public-read",), holder="aws_s3_bucket.a")
    opened = finding("aws_s3_bucket_acl.b", ("acl = public-read",), holder="aws_s3_bucket.b")
    assert states([closed], [opened]) == [State.NEW, State.FIXED]


def test_a_policy_that_two_users_share_does_not_make_them_one_holder() -> None:
    ann = finding("aws_iam_user_policy_attachment.a", holder="aws_iam_policy.shared")
    bob = finding("aws_iam_user_policy_attachment.b", holder="aws_iam_policy.shared")
    assert states([ann], [bob]) == [State.NEW, State.FIXED]


def test_one_finding_before_accounts_for_one_finding_after() -> None:
    assert states([finding()], [finding(), finding()]) == [State.EXISTING, State.NEW]


def test_rules_are_never_matched_with_each_other() -> None:
    assert states([finding(code="IAM402")], [finding()]) == [State.NEW, State.FIXED]


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(["aws_iam_policy.a", "aws_iam_policy.b", "aws_iam_role.r"]),
        st.sets(st.sampled_from("abc")).map(lambda lines: tuple(sorted(lines))),
        code=st.sampled_from(["IAM401", "IAM402"]),
        key=st.sampled_from(["", "k"]),
        severity=st.sampled_from(Severity),
        verdict=st.sampled_from(["violation", "undecided"]),
        holder=st.sampled_from(["", "aws_iam_role.r", "aws_iam_group.g"]),
    ),
    max_size=6,
)


def content(found: Finding) -> Finding:
    return replace(found, state=State.NEW)


@given(FINDINGS, FINDINGS)
def test_every_finding_after_is_reported_exactly_once(before: list[Finding], after: list[Finding]) -> None:
    reported = [content(found) for found in compare(before, after) if found.state is not State.FIXED]
    assert sorted(map(repr, reported)) == sorted(map(repr, after))


@given(FINDINGS, FINDINGS)
def test_counts_before_and_after_add_up(before: list[Finding], after: list[Finding]) -> None:
    found = states(before, after)
    assert len(before) - found.count(State.FIXED) == len(after) - found.count(State.NEW)


@given(FINDINGS, st.randoms())
def test_no_change_is_no_news_in_any_order(before: list[Finding], random: object) -> None:
    after = list(before)
    random.shuffle(after)
    assert set(states(before, after)) <= {State.EXISTING}


@given(FINDINGS, FINDINGS)
def test_a_rule_that_was_silent_before_is_news(before: list[Finding], after: list[Finding]) -> None:
    silent = [found for found in before if found.code != "IAM401"]
    assert all(found.state is State.NEW for found in compare(silent, after) if found.code == "IAM401")


def test_a_fingerprint_does_not_depend_on_order_or_spacing_of_evidence() -> None:
    one = fingerprint("IAM401", "a.b", "", ("Allow  *", "on *"), "m")
    assert one == fingerprint("IAM401", "a.b", "", ("on *", "Allow *"), "another message")
    assert len(one) == 64


@pytest.mark.parametrize(
    "other",
    [
        ("IAM402", "a.b", "", ("e",), "m"),
        ("IAM401", "a.c", "", ("e",), "m"),
        ("IAM401", "a.b", "k", ("e",), "m"),
        ("IAM401", "a.b", "", ("f",), "m"),
        ("IAM401", "a.b", "", (), "m"),
    ],
)
def test_a_fingerprint_tells_rules_subjects_keys_and_evidence_apart(other: tuple) -> None:
    assert fingerprint("IAM401", "a.b", "", ("e",), "m") != fingerprint(*other)


def test_a_key_alone_names_a_finding_while_its_evidence_changes() -> None:
    assert fingerprint("IAM401", "a.b", "k", ("e",), "m") == fingerprint("IAM401", "a.b", "k", ("f",), "n")


@pytest.mark.parametrize(
    ("gate", "state", "fails"),
    [
        (Gate(), State.NEW, True),
        (Gate(), State.WORSE, True),
        (Gate(), State.EXISTING, False),
        (Gate(), State.FIXED, False),
        (Gate(everything=True), State.EXISTING, True),
        (Gate(everything=True), State.FIXED, False),
        (Gate(fail_on=Severity.HIGH), State.NEW, True),
        (Gate(fail_on=Severity.CRITICAL), State.NEW, False),
        (Gate(fail_on=None), State.NEW, False),
    ],
)
def test_the_gate(gate: Gate, state: State, fails: bool) -> None:
    assert gate.fails(replace(finding(), state=state)) is fails


def test_neither_a_doubt_nor_a_suppressed_finding_fails_a_run() -> None:
    assert not Gate().fails(finding(verdict="undecided"))
    assert not Gate().fails(replace(finding(), suppressed=True))


INCLUDES = {"IAM401": ("IAM408",)}


@pytest.mark.parametrize(
    ("holder", "code", "expected"),
    [
        ("aws_iam_role.r", "IAM408", State.EXISTING),
        ("aws_iam_role.other", "IAM408", State.NEW),
        ("aws_iam_role.r", "IAM902", State.NEW),
    ],
)
def test_what_an_earlier_finding_included_is_no_news_for_the_same_holder(
    holder: str, code: str, expected: State
) -> None:
    admin = finding("aws_iam_role_policy_attachment.admin", holder="aws_iam_role.r")
    lesser = finding("aws_iam_role_policy.p", ("Allow iam:*",), code=code, holder=holder, severity=Severity.CRITICAL)

    found = {item.code: item.state for item in compare([admin], [lesser], INCLUDES)}

    assert found == {"IAM401": State.FIXED, code: expected}


def test_what_includes_an_earlier_finding_is_news() -> None:
    lesser = finding("aws_iam_role_policy.p", code="IAM408", holder="aws_iam_role.r")
    admin = finding("aws_iam_role_policy_attachment.admin", holder="aws_iam_role.r")

    assert [item.state for item in compare([lesser], [admin], INCLUDES)] == [State.NEW, State.FIXED]


LEAVES = {"IAM403": ("IAM405",)}
WHOLE = '{"Effect":"Allow","Action":"s3:*","Resource":"*"}'
NARROW = '{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}'
OTHER = '{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}'


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (finding(evidence=(NARROW,), code="IAM405", severity=Severity.LOW), State.EXISTING),
        (finding(evidence=(NARROW,), code="IAM405", severity=Severity.CRITICAL), State.NEW),
        (finding(evidence=(NARROW, OTHER), code="IAM405"), State.NEW),
        (finding(evidence=(OTHER,), code="IAM405"), State.NEW),
        (finding(evidence=(), code="IAM405"), State.NEW),
        (finding(evidence=(NARROW,), code="IAM413"), State.NEW),
        (finding("aws_iam_policy.b", evidence=(NARROW,), code="IAM405"), State.NEW),
    ],
)
def test_what_a_narrower_statement_leaves_is_no_news(new: Finding, expected: State) -> None:
    old = finding(evidence=(WHOLE,), code="IAM403")
    assert {item.code: item.state for item in compare([old], [new], leaves=LEAVES)}[new.code] is expected


def test_what_a_rule_leaves_is_news_where_it_was_not_decided() -> None:
    old = finding(evidence=(WHOLE,), code="IAM403", verdict="undecided")
    new = finding(evidence=(NARROW,), code="IAM405", severity=Severity.LOW)
    assert compare([old], [new], leaves=LEAVES)[0].state is State.NEW
