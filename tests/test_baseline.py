"""What a baseline keeps quiet, and when it stops to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.baseline import judge, read, write
from iacscan.errors import UsageError
from iacscan.finding import Confidence, Finding, Origin, Related, Severity, State

STATEMENT = '{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::a/*"]}'
WIDER = '{"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::a/*"]}'


def finding(address: str = "aws_iam_role_policy.p", input_: str = "plan.json", **fields: object) -> Finding:
    made = Finding(
        code="IAM403", name="n", tip=4, severity=Severity.MEDIUM, confidence=Confidence.HIGH, verdict="violation",
        state=State.NEW, subject=Origin(address, address.partition(".")[0], input_), related=(), message="m",
        evidence=(STATEMENT,), remedy="r", fingerprint="f",
    )  # fmt: skip
    return replace(made, **fields)


def states(now: list[Finding], known: list[Finding]) -> list[State]:
    baseline = read(write(known).encode(), "b.json")
    inputs = dict.fromkeys(item.subject.input for item in now)
    return [item.state for item in judge(now, baseline, inputs, {}).findings]


def test_what_is_known_is_no_news():
    assert states([finding()], [finding()]) == [State.EXISTING]


def test_what_is_not_known_is_news():
    assert states([finding("aws_iam_role_policy.other")], [finding()]) == [State.NEW]


@pytest.mark.parametrize(
    "grown",
    [{"severity": Severity.HIGH}, {"evidence": (WIDER,)}, {"evidence": (STATEMENT, WIDER)}],
    ids=["severity", "wider", "more"],
)
def test_an_entry_dies_when_its_finding_grows(grown):
    assert states([finding(**grown)], [finding()]) == [State.WORSE]


def test_a_doubt_that_becomes_certain_is_worse():
    assert states([finding()], [finding(verdict="undecided")]) == [State.WORSE]


def test_less_than_is_known_is_no_news():
    assert states([finding()], [finding(evidence=(STATEMENT, WIDER))]) == [State.EXISTING]


def test_one_entry_covers_one_finding():
    twice = [finding(), finding(key="second")]
    assert sorted(state.value for state in states(twice, [finding()])) == ["existing", "new"]


def test_a_policy_that_moves_on_the_same_holder_stays_known():
    role = Related(Origin("aws_iam_role.r", "aws_iam_role"), "has it")
    was = finding("aws_iam_role_policy.p", related=(role,))
    assert states([finding("aws_iam_policy.p", related=(role,))], [was]) == [State.EXISTING]


def test_what_the_change_leaves_is_no_news_whatever_the_baseline_says():
    assert states([finding(state=State.EXISTING, evidence=(WIDER,))], [finding()]) == [State.EXISTING]


def test_worse_by_the_change_and_known_is_no_news_worse_and_unknown_is():
    grown = finding(state=State.WORSE)
    assert states([grown], [finding()]) == [State.EXISTING]
    assert states([grown], [finding("aws_iam_role_policy.other")]) == [State.WORSE]


def test_a_single_plan_may_have_another_name():
    assert states([finding(input_="tmp/x.json")], [finding(input_="plan.json")]) == [State.EXISTING]


def test_of_several_inputs_each_has_its_own_entries():
    known = [finding(input_="a"), finding("aws_iam_role_policy.q", "b")]
    now = [finding(input_="a"), finding(input_="b")]
    assert states(now, known) == [State.EXISTING, State.NEW]


def test_suppressed_and_fixed_findings_are_not_written_down():
    text = write([finding(suppressed=True), finding(state=State.FIXED)])
    assert read(text.encode(), "b.json").size == 0


def test_entries_that_find_nothing_are_counted():
    baseline = read(write([finding(), finding("aws_iam_role_policy.gone")]).encode(), "b.json")
    assert judge([finding()], baseline, ["plan.json"], {}).gone == 1
    assert judge([], baseline, [], {}).gone == 0  # nothing was scanned


def test_the_order_of_findings_does_not_change_the_text():
    one, other = finding(), finding("aws_iam_role_policy.q")
    assert write([one, other]) == write([other, one])


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b'{"version": 2, "inputs": {}}', b'{"version": 1, "inputs": {"a": [{"code": "IAM1"}]}}', b"\xff"],
)
def test_what_is_no_baseline_is_refused(text):
    with pytest.raises(UsageError, match="make it again"):
        read(text, "b.json")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["aws_iam_role.a", "aws_iam_role.b"]),
            st.sampled_from(["plan.json", "b.json"]),
            st.sampled_from(list(Severity)),
            st.sampled_from(["violation", "undecided"]),
            st.text(max_size=5),
        ),
        unique=True,
    )
)
def test_what_was_written_down_is_known_in_full(rows):
    found = [
        finding(address, input_, severity=severity, verdict=verdict, key=key)
        for address, input_, severity, verdict, key in rows
    ]
    assert set(states(found, found)) <= {State.EXISTING}
