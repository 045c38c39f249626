"""Every rule does what its examples say, and is worded as all of them are."""

import pytest

from iacscan.rules._registry import all_rules
from iacscan.testing import check_examples


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.name}")
def test_rule_keeps_to_its_examples(rule):
    assert check_examples(rule) == ()
