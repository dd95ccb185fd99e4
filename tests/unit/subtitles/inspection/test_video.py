"""What travels between processes and lies in the cache."""

import json

import msgpack
import pytest
from hypothesis import given
from tests.unit.subtitles.rules import films

from mediant.errors import Invalid
from mediant.subtitles.inspection.video import FORM, Video


@given(films.videos)
def test_a_video_is_the_same_after_msgpack_and_json(video):
    assert Video.from_dict(msgpack.unpackb(msgpack.packb(video.to_dict()))) == video
    assert Video.from_dict(json.loads(json.dumps(video.to_dict()))) == video


@pytest.mark.parametrize("form", [None, 0, FORM + 1])
def test_another_form_is_refused(form):
    told = films.film("eng").to_dict()
    told["form"] = form
    with pytest.raises(Invalid):
        Video.from_dict(told)
