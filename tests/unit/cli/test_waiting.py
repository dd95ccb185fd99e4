"""Which lines about waiting are said."""

from mediant.cli.waiting import News, describe

SPACE = {"cause": "trouble", "text": "only 3.1 GB free", "remedy": "make room", "before": None}
PAUSE = {"cause": "paused", "text": "all jobs are paused", "remedy": None, "before": None}


def test_the_remedy_stands_behind() -> None:
    assert describe(SPACE) == "waiting: only 3.1 GB free (make room)"
    assert describe(PAUSE) == "waiting: all jobs are paused"


def test_only_what_is_new_is_said() -> None:
    news = News()
    assert news.take(SPACE) == describe(SPACE)
    assert news.take(SPACE) is None
    # Another figure at once would be a line a second.
    assert news.take({**SPACE, "text": "only 3.0 GB free"}) is None
    assert news.take(PAUSE) == describe(PAUSE)
    assert news.take(SPACE) == describe(SPACE)
