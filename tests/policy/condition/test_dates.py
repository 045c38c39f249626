from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.policy.condition.dates import are_past, is_date, moment
from iacscan.value import Truth, Unknown

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", Truth.YES),
        ("2026-06", Truth.YES),
        ("2026-06-30", Truth.YES),
        ("2026-06-30T23:59Z", Truth.YES),
        ("2026-06-30T23:59:59Z", Truth.YES),
        ("2026-06-30T23:59:59.5+02:00", Truth.YES),
        ("1782863999", Truth.YES),
        ("2026-06-30T23:59:59", Truth.UNKNOWN),
        ("2026-06-31", Truth.NO),
        ("2026-6-30", Truth.NO),
        ("30.06.2026", Truth.NO),
        ("2026-06-30 23:59:59Z", Truth.NO),
        ("2026-06-30T25:00:00Z", Truth.NO),
        ("tomorrow", Truth.NO),
        ("", Truth.NO),
        ("９９９９９", Truth.NO),
        ("0000", Truth.NO),
        ("99999999999999999999", Truth.NO),
        ("2026-*", Truth.NO),
    ],
)
def test_which_texts_are_dates(text, expected):
    assert is_date(text) is expected


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=ZONES))  # noqa: DTZ001  # hypothesis adds the zones
def test_what_python_writes_as_iso_8601_with_a_zone_is_read_as_the_same_moment(when):
    assert moment(when.isoformat()) == when


@given(st.integers(10_000, 253_402_300_799))
def test_more_than_four_digits_are_seconds(seconds):
    assert moment(str(seconds)) == datetime.fromtimestamp(seconds, UTC)


def test_a_day_is_past_when_the_next_has_begun():
    assert not are_past(("2026-06-30T00:00:00Z",), date(2026, 6, 30))
    assert are_past(("2026-06-30T00:00:00Z",), date(2026, 7, 1))


def test_a_zone_may_move_a_moment_to_another_day():
    assert not are_past(("2026-06-30T23:00:00-05:00",), date(2026, 7, 1))


@pytest.mark.parametrize(
    "values", [(), (Unknown("not yet"),), ("2020", Unknown("not yet")), ("2020", "2199"), ("2020", "x")]
)
def test_dates_are_past_only_if_each_is_known_and_over(values):
    assert not are_past(values, date(2026, 1, 1))
