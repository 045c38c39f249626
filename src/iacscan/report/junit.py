"""The report as JUnit's XML, for Jenkins, GitLab and others that show tests.

There is no standard; this keeps to what https://github.com/testmoapp/junitxml describes. A finding that fails the run is a failed test, one that
does not is a skipped one, and so is what could not be decided: nothing of it counts as passed. An input without findings
is one passed test that says how much of it was judged.
"""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ..finding import Finding
from . import Input, Report, View, clean
from .ledger import ledger


def render(report: Report, view: View) -> str:
    """Write one test suite for each input."""
    root = ET.Element("testsuites", name="iacscan")
    for item in report.inputs:
        found = [finding for finding in report.findings if finding.subject.input == item.path and view.is_news(finding)]
        root.append(_suite(item, found, report, view))
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(item: Input, found: Iterable[Finding], report: Report, view: View) -> ET.Element:
    suite = ET.Element("testsuite", name=clean(item.path))
    if item.status != "scanned":
        case = ET.SubElement(suite, "testcase", name="scan", classname="iacscan")
        ET.SubElement(case, "error", message=clean(item.error or "holds no resources: nothing to scan"))
    for finding in found:
        suite.append(_case(finding, view))
    if not len(suite):
        case = ET.SubElement(suite, "testcase", name="scan", classname="iacscan")
        covered = ledger(Report(inputs=(item,), findings=(), rules=report.rules))
        ET.SubElement(case, "system-out").text = covered.sentence
    suite.set("tests", str(len(suite)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    return suite


def _case(finding: Finding, view: View) -> ET.Element:
    case = ET.Element(
        "testcase", name=clean(finding.subject.address), classname=f"iacscan.{finding.code} {finding.name}"
    )
    span = finding.subject.span
    if span is not None:
        case.set("file", clean(span.file))
        case.set("line", str(span.line))
    doubt = "could not be decided: " if finding.verdict == "undecided" else ""
    message = clean(f"{doubt}{finding.message}")
    if view.gate.fails(finding):
        node = ET.SubElement(case, "failure", message=message, type=finding.severity.label)
        node.text = "\n".join(clean(line) for line in (*finding.evidence, "", *finding.remedy.splitlines()))
    else:
        ET.SubElement(case, "skipped", message=message)
    return case
