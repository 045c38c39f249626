"""Every rule does what its examples say, and is worded as all of them are."""

import re

import pytest

from iacscan.policy.pattern import covers
from iacscan.rules._registry import all_rules
from iacscan.testing import check_examples


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.name}")
def test_rule_keeps_to_its_examples(rule):
    assert check_examples(rule) == ()


ACTIONS = re.compile(r'\b(?:not_)?actions?"?\s*[=:]\s*\[([^\]]*)\]', re.IGNORECASE)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.name}")
def test_what_a_rule_advises_does_not_say_an_action_twice(rule):
    """IAM316 would report it."""
    for listed in ACTIONS.findall(rule.fix):
        actions = [action.lower() for action in re.findall(r'"([^"]+)"', listed)]
        assert [(one, other) for one in actions for other in actions if one != other and covers(one, other)] == []
