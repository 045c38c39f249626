"""Several reports of one run, each in a place of its own."""

import json
from pathlib import Path

import pytest

from iacscan.errors import UsageError
from iacscan.output import FORMATS, destinations, write_file


def test_one_report_may_go_without_a_format_and_stands_in_for_standard_output() -> None:
    assert destinations(["report.txt"]) == ("report.txt", {})
    assert destinations(["json=a.json", "b.txt", "sarif=c"]) == ("b.txt", {"a.json": "json", "c": "sarif"})
    assert destinations([]) == (None, {})


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_may_stand_before_a_file(form: str) -> None:
    assert destinations([f"{form}=x=y"]) == (None, {"x=y": form})


@pytest.mark.parametrize("file", ["./a=b", "a-b=c", "dir/json=x", "=x"])
def test_a_file_may_have_an_equals_sign_in_its_name(file: str) -> None:
    assert destinations([file]) == (file, {})


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["jsn=a"], "no format jsn; a file of that name is given as ./jsn=a"),
        (["json="], "the name of the file is missing"),
        ([""], "the name of the file is missing"),
        (["a", "b"], "only one goes without FORMAT="),
        (["json=a", "sarif=a"], "each report needs a file of its own"),
        (["a", "json=a"], "each report needs a file of its own"),
        (["json=a", "a"], "each report needs a file of its own"),
    ],
)
def test_what_would_lose_a_report_is_refused(given: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        destinations(given)


def test_a_file_that_is_there_already_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    write_file(str(tmp_path / "link"), json.dumps({"new": "⟦x⟧"}))
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text(encoding="utf-8")) == {"new": "⟦x⟧"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "real"]
