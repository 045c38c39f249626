import re
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from iacscan.change import Gate
from iacscan.finding import Severity, State
from iacscan.report import Report, View, clean, render

PAGE = """\
aws_s3_bucket_policy.logs  created by this change  in plan.json
  CRITICAL IAM902 bucket-policy-public-read
    anyone on the internet can read the objects of bucket logs
    | statement "Public": Allow * s3:GetObject on arn:aws:s3:::⟦aws_s3_bucket.logs⟧/*
    with  aws_s3_bucket.logs: no public access block covers it
    why   Whoever finds it can use it.
    fix   Name the accounts that may read, or put CloudFront in front.

module.ci["main"].aws_iam_role.this  changed by this change  ci/main.tf:12
  HIGH     IAM401 wildcard-admin  (worse, confidence medium)
    the role may do anything
    | Allow * on *
    why   Whoever finds it can use it.
    fix   iacscan explain IAM401 shows how to write it

Could not be decided
  ? IAM902 aws_s3_bucket.logs: whether the bucket is public is not known: its policy is known only
      after apply

! not scanned: broken.json: is empty; make it again

Policies that are not known
  ? plan.json: aws_iam_policy.deploy.policy: known only after apply

1 more was there already; --all shows it
1 less severe; --severity info shows it
1 suppressed
1 fixed by this change
2 findings: 1 critical, 1 high (1 worse than before); 1 not decided. Analysed 41 of 44 policies; 2
partly known; 1 unknown.
"""


def test_the_page_is_exactly_this(report: Report) -> None:
    assert render(report, "text", View()) == PAGE


def test_colour_changes_nothing_but_colour(report: Report) -> None:

    coloured = render(report, "text", View(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == PAGE


@pytest.mark.parametrize("width", [60, 80, 110])
def test_lines_keep_to_the_width_wherever_words_allow(report: Report, width: int) -> None:
    for line in render(report, "text", View(width=width)).splitlines():
        longest_word = max((len(word) for word in line.split()), default=0)
        heading = not line.startswith((" ", "!"))
        evidence = line.startswith("    | ")  # statements stay on one line, so that they can be copied
        assert heading or evidence or len(line) <= width or longest_word > width - 12


def test_all_shows_what_was_there_already(report: Report) -> None:
    page = render(report, "text", View(gate=Gate(everything=True)))
    assert "aws_iam_user.old  not touched by this change" in page
    assert "IAM401 wildcard-admin  (existing)" in page
    assert "there already" not in page


def test_severity_info_shows_remarks(report: Report) -> None:
    assert "a remark" not in render(report, "text", View())
    assert "a remark" in render(report, "text", View(severity=Severity.INFO))


def test_what_fails_the_run_is_shown_whatever_the_severity_asked_for(report: Report) -> None:
    page = render(report, "text", View(severity=Severity.CRITICAL, gate=Gate(fail_on=Severity.HIGH)))
    assert "the role may do anything" in page


def test_nothing_found_is_said_of_what_was_judged_only(report: Report) -> None:
    doubtful = replace(report, findings=())
    assert "No findings in what could be judged. Analysed 41 of 44" in " ".join(
        render(doubtful, "text", View()).split("\n")
    )
    item = replace(report.inputs[0], coverage=type(report.inputs[0].coverage)(analysed=3))
    certain = replace(report, findings=(), inputs=(item,))
    assert render(certain, "text", View()) == "No findings. Analysed 3 of 3 policies.\n"


def test_nothing_scanned_is_not_called_clean(report: Report) -> None:
    unread = replace(report, findings=(), inputs=report.inputs[1:])
    assert render(unread, "text", View()).endswith("Nothing was scanned.\n")


def test_the_same_advice_is_given_once(report: Report) -> None:
    first = report.findings[0]
    other = replace(first, subject=replace(first.subject, address="aws_s3_bucket_policy.other"))
    page = render(replace(report, findings=(first, other)), "text", View())
    assert page.count("bucket-policy-public-read") == 2
    assert page.count("put CloudFront in front") == 1


@dataclass
class Escape:
    text: str
    shown: str


@pytest.mark.parametrize(
    "case",
    [
        Escape("\x1b[31mred", "\\x1b[31mred"),
        Escape("a\rb", "a\\rb"),
        Escape("a\u202eb", "a\\u202eb"),
        Escape("a\u2066b", "a\\u2066b"),
        Escape("a\u200bb", "a\\u200bb"),
        Escape("\x9b31m", "\\x9b31m"),
        Escape("⟦aws_s3_bucket.é⟧…", "⟦aws_s3_bucket.é⟧…"),
    ],
)
def test_what_is_not_a_glyph_is_escaped(case: Escape) -> None:
    assert clean(case.text) == case.shown


def test_no_field_of_a_finding_reaches_the_terminal_unescaped(report: Report) -> None:
    evil = "x\x1b]0;owned\x07"
    first = report.findings[0]
    subject = replace(first.subject, address=evil, input=evil, action=evil)
    found = replace(
        first,
        subject=subject,
        message=evil,
        evidence=(evil,),
        remedy=evil,
        related=(replace(first.related[0], origin=subject, note=evil),),
    )
    undecided = replace(found, verdict="undecided")
    inputs = tuple(replace(item, path=evil, notes=(evil,), unseen=(evil,)) for item in report.inputs)
    page = render(replace(report, findings=(found, undecided), inputs=inputs), "text", View())
    assert "\x1b" not in page
    assert "\x07" not in page
    assert "owned" in page


def test_a_fixed_finding_is_never_listed(report: Report) -> None:
    gone = replace(report, findings=tuple(replace(found, state=State.FIXED) for found in report.findings))
    assert "IAM" not in render(gone, "text", View(gate=Gate(everything=True)))
