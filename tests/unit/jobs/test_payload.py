"""A wish that no worker can be told is refused at the door, not met again by every claim."""

import pytest

from mediant.errors import Invalid
from mediant.jobs.rows import to_payload


@pytest.mark.parametrize("value", [10**30, -(10**30), 2**64, {"deep": [2**64]}])
def test_a_number_beyond_64_bits_is_no_payload(value):
    with pytest.raises(Invalid, match="cannot be told"):
        to_payload({"track": value})


def test_ordinary_payloads_are_small_json():
    assert to_payload({"path": "/m/ä", "n": 2**63, "no": None}) == (
        '{"path":"/m/ä","n":9223372036854775808,"no":null}'
    )
