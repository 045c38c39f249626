"""Which address ranges are too wide."""

import pytest

from iacscan.policy.condition.network import is_broad, is_large


@pytest.mark.parametrize(
    ("text", "broad", "large"),
    [
        ("0.0.0.0/0", True, False),
        ("52.0.0.0/7", True, False),
        ("52.0.0.0/8", False, True),
        ("52.95.0.0/15", False, True),
        ("52.95.0.0/16", False, False),
        ("10.0.0.0/8", False, False),
        ("2001:db8::/31", True, False),
        ("2001:db8::/33", False, False),
        ("office", False, False),
    ],
)
def test_a_range_names_nobody_or_too_many_or_somebody(text, broad, large):
    assert (is_broad(text), is_large(text)) == (broad, large)
