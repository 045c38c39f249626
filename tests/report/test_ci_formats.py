"""The formats that continuous integration reads: GitHub annotations and Markdown, GitLab, JUnit."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from iacscan.change import Gate
from iacscan.finding import Origin, Severity
from iacscan.report import FORMATS, Report, View, render
from iacscan.report.github import LIMIT
from iacscan.report.markdown import LIMIT as CHARACTERS
from iacscan.source import Span

EMPTY = Report(inputs=(), findings=(), rules=())


def many(report: Report, count: int, **changes: object) -> Report:
    model = replace(report.findings[1], **changes)
    found = [
        replace(model, subject=replace(model.subject, address=f"aws_iam_role.r{index}"), fingerprint=str(index))
        for index in range(count)
    ]
    return replace(report, findings=tuple(found))


def test_an_unknown_format_is_refused(report: Report) -> None:
    with pytest.raises(ValueError, match="yaml"):
        render(report, "yaml", View())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_ends_with_a_line_break_and_names_what_was_not_read(report: Report, form: str) -> None:
    text = render(report, form, View())
    assert text.endswith("\n")
    assert "broken.json" in text
    assert "is empty" in text


# -- GitHub's annotations -------------------------------------------------------------------------------------------


def annotations(report: Report, view: View | None = None) -> list[tuple[str, str, str]]:
    lines = render(report, "github", view or View()).splitlines()
    return [re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups() for line in lines]


def test_an_annotation_stands_on_the_lines_of_the_resource(report: Report) -> None:
    assert (
        "error",
        "file=ci/main.tf,line=12,endLine=20,title=IAM401 wildcard-admin (high)",
        'module.ci["main"].aws_iam_role.this: the role may do anything%0AAllow * on *',
    ) in annotations(report)


def test_what_has_no_lines_is_an_annotation_without_a_file(report: Report) -> None:
    kind, properties, _ = annotations(report)[1]
    assert (kind, properties) == ("error", "title=IAM902 bucket-policy-public-read (critical)")


def test_what_was_there_already_fixed_or_suppressed_is_no_annotation(report: Report) -> None:
    messages = " ".join(message for _, _, message in annotations(report))
    assert "aws_iam_user.old" not in messages
    assert messages.count("aws_s3_bucket_policy.logs") == 1


def test_no_more_annotations_of_a_kind_than_github_shows(report: Report) -> None:
    found = annotations(many(report, 25))
    assert [kind for kind, _, _ in found].count("error") == LIMIT
    kind, _, message = found[-1]
    assert kind == "notice"
    assert "25 findings: 25 high (25 worse than before); 16 of them not shown here" in message


def test_the_worst_annotations_are_the_ones_that_are_shown(report: Report) -> None:
    low = many(report, 12, severity=Severity.LOW).findings
    message = annotations(replace(report, findings=(*report.findings[:2], *low)))[1][2]
    assert "anyone on the internet" in message


def test_inputs_that_could_not_be_read_leave_room_for_findings(report: Report) -> None:
    unread = tuple(replace(report.inputs[1], path=f"{index}.json") for index in range(30))
    found = annotations(replace(report, inputs=(report.inputs[0], *unread)))
    assert ("error", "title=IAM902 bucket-policy-public-read (critical)") in [item[:2] for item in found]
    assert found[-1][2].endswith("30 of 31 inputs not scanned; analysed 41 of 44 policies; 2 partly known; 1 unknown")


# -- Markdown -------------------------------------------------------------------------------------------------------


def test_the_summary_opens_with_the_counts(report: Report) -> None:
    assert render(report, "markdown", View()).startswith(
        "## iacscan: 2 findings: 1 critical, 1 high (1 worse than before)\n"
    )


def test_a_clean_report_says_how_much_was_judged(report: Report) -> None:
    text = render(replace(report, findings=(), inputs=report.inputs[:1]), "markdown", View())
    assert text.startswith(
        "## iacscan: no findings in what could be judged\n\nAnalysed 41 of 44 policies; 2 partly known; 1 unknown."
    )


def test_text_of_the_input_is_no_markup(report: Report) -> None:
    evil = "x</summary><img src=x> @octocat [a](https://evil.example) | `"
    hostile = replace(
        report.findings[0],
        subject=Origin(address=evil, type="aws_iam_role", input="plan.json", span=Span(evil, 1, 1)),
        message=evil,
        evidence=("```", evil),
        remedy=f"{evil}\n\n```hcl\n{evil}\n```\n",
        related=(replace(report.findings[0].related[0], note=evil),),
    )
    text = render(replace(report, findings=(hostile,)), "markdown", View())
    outside = re.sub(r"(`{3,})text\n.*?\n\1", "", text, flags=re.DOTALL)
    assert "<img" not in outside
    assert "](https" not in outside
    assert "@octocat" not in outside
    assert "`" not in outside


def test_where_nothing_was_scanned_it_does_not_say_that_there_are_no_findings(report: Report) -> None:
    text = render(replace(report, findings=(), inputs=report.inputs[1:]), "markdown", View())
    assert text.startswith("## iacscan: nothing was scanned\n")


def test_however_much_was_not_read_the_findings_are_shown(report: Report) -> None:
    flood = replace(report.inputs[0], unseen=tuple(f"module.m{index}" for index in range(9000)))
    text = render(replace(report, inputs=(flood,)), "markdown", View())
    assert "and 8980 more" in text
    assert text.count("<details><summary>\N{LARGE RED CIRCLE}") == 1


def test_one_very_long_finding_does_not_keep_the_others_out(report: Report) -> None:
    long = replace(report.findings[0], message="x" * 70_000)
    text = render(replace(report, findings=(long, report.findings[1])), "markdown", View())
    assert "wildcard-admin" in text
    assert "**1 more** are not shown here" in text


def test_what_does_not_fit_is_counted(report: Report) -> None:
    text = render(many(report, 2000), "markdown", View())
    assert len(text) <= CHARACTERS
    shown = text.count("<details><summary>\N{LARGE ORANGE CIRCLE}")
    assert f"**{2000 - shown} more** are not shown here" in text
    assert text.count("<details>") == text.count("</details>")


# -- GitLab ---------------------------------------------------------------------------------------------------------


def test_gitlab_gets_existing_findings_too_so_that_it_can_compare(report: Report) -> None:
    issues = json.loads(render(report, "gitlab", View()))
    assert [
        (issue["severity"], issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in issues
    ] == [
        ("blocker", "broken.json", 1),
        ("blocker", "plan.json", 1),
        ("critical", "ci/main.tf", 12),
        ("critical", "plan.json", 1),
        ("info", "plan.json", 1),
    ]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_gitlab_gets_an_empty_list_for_nothing() -> None:
    assert json.loads(render(EMPTY, "gitlab", View())) == []


# -- JUnit ----------------------------------------------------------------------------------------------------------


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  our own text


def test_only_what_fails_the_run_is_a_failed_test(report: Report) -> None:
    root = parsed(render(report, "junit", View(gate=Gate(fail_on=Severity.CRITICAL))))
    assert [len(list(root.iter(tag))) for tag in ("failure", "skipped", "error")] == [1, 2, 1]
    assert dict(root.attrib) == {"name": "iacscan", "tests": "4", "failures": "1", "errors": "1", "skipped": "2"}


def test_an_input_without_findings_is_one_passed_test_that_says_how_much_was_judged(report: Report) -> None:
    root = parsed(render(replace(report, findings=(), inputs=report.inputs[:1]), "junit", View()))
    (case,) = root.iter("testcase")
    assert [child.tag for child in case] == ["system-out"]
    assert case.findtext("system-out") == "analysed 41 of 44 policies; 2 partly known; 1 unknown"


def test_characters_that_xml_cannot_hold_are_shown_as_escapes(report: Report) -> None:
    strange = replace(report.findings[0], message="a\x00b\x1b[31m", evidence=("\ufffe",))
    root = parsed(render(replace(report, findings=(strange,)), "junit", View()))
    failure = next(root.iter("failure"))
    assert failure.get("message") == r"a\x00b\x1b[31m"
