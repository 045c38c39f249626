"""Which suppressions count, and what they cover."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.finding import Confidence, Finding, Origin, Severity, State
from iacscan.source import Span
from iacscan.suppress import NO_REASON, Faulty, Ignore, Place, of_comment, remarks, suppress

RULES = {"iam901": "IAM901", "bucket-acl-public": "IAM901", "iam902": "IAM902"}
TODAY = date(2027, 1, 31)
HERE = Place("main.tf", 10, 20)
BUCKET = Origin('module.web["a"].aws_s3_bucket.b[0]', "aws_s3_bucket", span=Span("main.tf", 12, 14))


def finding(**fields: object) -> Finding:
    made = Finding(
        code="IAM901", name="n", tip=9, severity=Severity.HIGH, confidence=Confidence.HIGH, verdict="violation",
        state=State.NEW, subject=BUCKET, related=(), message="m", evidence=(), remedy="r", fingerprint="f",
    )  # fmt: skip
    return replace(made, **fields)


def read(text: str) -> Ignore | Faulty | None:
    return of_comment(text, "main.tf:9", RULES, HERE)


def ignore(**fields: object) -> Ignore:
    made = Ignore(kind="configuration", codes=frozenset({"IAM901"}), reason="r", where="here", address="*")
    return replace(made, **fields)


def covered(found: Ignore | Faulty | None, one: Finding | None = None) -> bool:
    assert isinstance(found, Ignore)
    ((marked,), _) = suppress([one or finding()], [found], TODAY)
    return marked.suppressed


def test_a_comment_names_codes_or_names_a_reason_a_day_and_a_statement():
    found = read('iacscan:ignore=IAM902,bucket-acl-public until=2027-01-31 sid=Site reason="public \\"website\\""')
    assert found == Ignore(
        kind="source",
        codes=frozenset({"IAM901", "IAM902"}),
        reason='public "website"',
        where="main.tf:9",
        until=date(2027, 1, 31),
        sid="Site",
        place=HERE,
    )


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("iacscan:ignore", "names no rule"),
        ("iacscan:ignore IAM901", "names no rule"),
        ("iacscan:ignore=IAM901", "no reason"),
        ('iacscan:ignore=IAM901 reason=" "', "no reason"),
        ('iacscan:ignore=IAM999 reason="x"', "no rule 'IAM999'"),
        ('iacscan:ignore=IAM901 until=2027-02-30 reason="x"', "no date"),
        ('iacscan:ignore=IAM901 until=tomorrow reason="x"', "no date"),
        ("iacscan:ignore=IAM901 because it is fine", "quote a reason"),
        ('iacscan:ignore=IAM901 reason="x" reason="y"', "not expected"),
        ('iacscan:ignore=IAM901 owner=me reason="x"', "'owner' is not expected"),
    ],
)
def test_what_is_malformed_suppresses_nothing_and_says_why(text, because):
    found = read(text)
    assert isinstance(found, Faulty)
    assert because in found.because


@pytest.mark.parametrize("text", ["", "a remark", "checkov:skip=CKV_AWS_20:public", "trivy:ignore:AWS-0001"])
def test_other_comments_are_none(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("checkov:skip=IAM901:the site is public: all of it", "the site is public: all of it"),
        ("checkov:skip=CKV_AWS_20,IAM901", NO_REASON),
    ],
)
def test_checkovs_comments_count_with_codes_of_ours(text, reason):
    found = read(text)
    assert isinstance(found, Ignore)
    assert (found.codes, found.reason) == (frozenset({"IAM901"}), reason)


def test_the_last_day_counts_and_the_next_does_not():
    assert covered(ignore(until=TODAY))
    assert not covered(ignore(until=date(2027, 1, 30)))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('module.web["a"].aws_s3_bucket.b[0]', True),
        ("module.web.aws_s3_bucket.b", True),
        ("module.*", True),
        ('module.web["?"].aws_s3_bucket.b[0]', True),
        ("aws_s3_bucket.b", False),
        ("module.web[a].aws_s3_bucket.b", False),
        ("MODULE.*", False),
    ],
)
def test_addresses_are_patterns_with_brackets_as_they_stand(pattern, expected):
    assert covered(ignore(address=pattern)) is expected


def test_a_place_covers_its_lines_and_its_addresses_only():
    assert covered(ignore(place=HERE))
    assert not covered(ignore(place=Place("main.tf", 13, 20)))
    assert not covered(ignore(place=Place("other.tf", 10, 20)))
    assert covered(ignore(place=Place(addresses=frozenset({BUCKET.address}))))
    assert covered(ignore(place=Place(module="module.web")))
    assert not covered(ignore(place=Place(module="module.we")))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"key": "Site"}, True),
        ({"key": "Site/Bool/aws:SecureTransport"}, True),
        ({"evidence": ('{"Sid":"Site","Effect":"Allow"}', "block_public_policy = false")}, True),
        ({"evidence": ('{"Sid":"Site","Effect":"Allow"}', '{"Sid":"Other","Effect":"Allow"}')}, False),
        ({"evidence": ("acl = public-read",)}, False),
        ({}, False),
    ],
)
def test_a_statement_is_meant_only_if_the_finding_is_about_no_other(fields, expected):
    assert covered(ignore(sid="Site"), finding(**fields)) is expected


def test_a_suppressed_finding_says_who_says_so():
    ((marked,), used) = suppress([finding()], [ignore(reason="website", until=TODAY)], TODAY)
    assert marked.suppression is not None
    assert (marked.suppression.reason, marked.suppression.where, marked.suppression.until) == ("website", "here", TODAY)
    assert used == {"here"}


def test_what_the_change_fixes_is_not_there_to_be_suppressed():
    ((marked,), used) = suppress([finding(state=State.FIXED)], [ignore()], TODAY)
    assert not marked.suppressed
    assert used == set()


def test_the_unused_the_expired_and_the_malformed_are_told_of():
    ignores = [
        ignore(where="used"),
        ignore(where="idle"),
        ignore(where="old", until=date(2020, 1, 1)),
        ignore(where="not run", codes=frozenset({"IAM902"})),
    ]
    said = list(remarks(ignores, [Faulty("bad", "no reason")], {"used"}, frozenset({"IAM901"}), TODAY))
    assert said == [
        "suppresses nothing: bad: no reason",
        "not needed: idle (IAM901) covers no finding",
        "suppresses nothing: old (IAM901) has expired on 2020-01-01",
    ]


@given(st.text())
def test_any_comment_is_one_of_three(text):
    found = read(f"iacscan:ignore{text}")
    assert found is None or (isinstance(found, Ignore) and found.reason.strip() and found.codes) or found.because


@given(st.lists(st.sampled_from(["IAM901", "IAM902"])), st.dates())
def test_suppression_changes_nothing_but_the_mark(codes, until):
    findings = [finding(code=code, fingerprint=str(number)) for number, code in enumerate(codes)]
    marked, _ = suppress(findings, [ignore(until=until)], TODAY)
    assert [replace(item, suppressed=False, suppression=None) for item in marked] == findings
    assert [item.suppressed for item in marked] == [code == "IAM901" and until >= TODAY for code in codes]
