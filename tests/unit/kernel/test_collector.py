"""The collector rests within the block, and works again after it."""

import gc

import pytest

from mediant.kernel.collector import spare_what_stays


def test_nothing_is_collected_within() -> None:
    assert gc.isenabled()
    with spare_what_stays():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.unfreeze()


def test_it_works_again_after_an_error() -> None:
    with pytest.raises(ImportError), spare_what_stays():
        raise ImportError("not there")
    assert gc.isenabled()
    gc.unfreeze()


def test_who_had_switched_it_off_finds_it_so() -> None:
    gc.disable()
    try:
        with spare_what_stays():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
