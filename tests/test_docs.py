"""The generated pages are in date, and the generator notices when they are not."""

import pytest

from iacscan import docs
from iacscan.rules._registry import all_rules


def test_pages_are_in_date():
    assert docs.stale(docs.ROOT / "docs") == [], f"run: {docs.COMMAND}"


def test_every_rule_has_a_page_and_stands_in_the_index():
    pages = docs.pages()
    index = pages["rules/README.md"]

    for rule in all_rules():
        assert pages[f"rules/{rule.code}.md"].startswith(f"# {rule.code} {rule.name}\n")
        assert f"[{rule.code}]({rule.code}.md)" in index


def test_a_page_holds_all_sections_and_examples_of_its_rule():
    for rule in all_rules():
        page = docs.rule_page(rule)
        texts = (
            rule.summary,
            rule.why,
            rule.fix,
            rule.template_fix,
            rule.notes,
            rule.uncertain,
            *rule.references,
            *rule.controls,
        )
        for text in (*texts, *(example.terraform.strip() for example in rule.examples)):
            assert text in page


@pytest.fixture
def written(tmp_path):
    assert docs.main(["--directory", str(tmp_path)]) == 0
    return tmp_path


def test_what_was_just_written_is_in_date(written):
    assert docs.main(["--check", "--directory", str(written)]) == 0


def test_a_change_by_hand_is_noticed_and_undone(written, capsys):
    page = written / "rules" / "README.md"
    before = page.read_text()
    page.write_text("by hand")

    assert docs.main(["--check", "--directory", str(written)]) == 1
    assert docs.COMMAND in capsys.readouterr().err
    assert page.read_text() == "by hand"

    docs.main(["--directory", str(written)])
    assert page.read_text() == before


def test_the_page_of_a_rule_that_is_gone_is_deleted(written):
    gone = written / "rules" / "IAM000.md"
    gone.write_text("# IAM000 gone\n")

    assert docs.main(["--check", "--directory", str(written)]) == 1
    docs.main(["--directory", str(written)])
    assert not gone.exists()
