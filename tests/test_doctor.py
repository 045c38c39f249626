"""`iacscan doctor`: what is installed, what is not, and what that means."""

import pytest

from iacscan import cli, doctor

ALL = {"msgspec": "1", "tfparse": "2", "pyyaml": "3", "pydantic": "4"}


@pytest.fixture
def installed(monkeypatch):
    def say(**versions):
        monkeypatch.setattr(doctor, "_version", {**ALL, **versions}.get)

    return say


def test_a_whole_installation_is_said_to_be_whole(installed):
    installed()
    text, whole = doctor.report()
    assert whole
    assert "tfparse   2                 evaluates Terraform source\n" in text


def test_what_is_missing_is_named_with_what_cannot_be_done(installed):
    installed(tfparse=None)
    text, whole = doctor.report()
    assert not whole
    assert "so a directory with Terraform source cannot be scanned; plans can: pip install tfparse" in text


def test_checkovs_hcl2_is_no_obstacle(installed):
    installed(**{"bc-python-hcl2": "0.4"})
    text, whole = doctor.report()
    assert whole
    assert "bc-python-hcl2 0.4 is installed; iacscan does not use it" in text


def test_two_packages_that_share_a_module_are_told_of(installed):
    installed(**{"bc-python-hcl2": "0.4", "python-hcl2": "8"})
    assert "the later one has overwritten the other's module hcl2" in doctor.report()[0]


def test_the_command_prints_it(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["doctor"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("iacscan ")
