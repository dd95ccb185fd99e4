"""Scan rules as rows."""

import pytest

from mediant.errors import Invalid, NotFound, Refused

RULE = {
    "name": "Japanese anime without Spanish subs",
    "priority": 10,
    "audio_language_is": "jpn",
    "missing_embedded_subtitle_lang": "es",
    "missing_external_subtitle_lang": "spa",
    "audio_language_not": "en,fre",
    "file_extension": ".mkv, mp4",
    "action_type": "transcribe",
    "target_language": "spa",
    "quality_preset": "fast",
    "job_priority": 5,
}


def test_a_rule_is_kept_whole(house):
    made = house.rules.create(RULE)
    assert house.rules.get(made.rule.id) == made
    conditions, action = made.rule.conditions, made.rule.action
    assert conditions.missing_embedded_subtitle_lang == "spa"
    assert conditions.audio_language_not == ("eng", "fra")
    assert conditions.file_extension == (".mkv", ".mp4")
    assert (action.target_language, action.job_priority) == ("spa", 5)
    assert (made.rule.is_enabled, made.updated_at, made.warning) == (True, None, None)


def test_rules_come_in_the_order_in_which_they_are_asked(house):
    for name, priority in (("c", 1), ("a", 5), ("b", 5)):
        house.rules.create({"name": name, "priority": priority, "target_language": "spa"})
    off = house.rules.create({"name": "off", "is_enabled": False, "target_language": "spa"})
    assert [one.rule.name for one in house.rules.list_rules()] == ["a", "b", "c", "off"]
    assert off.rule.id not in [one.rule.id for one in house.rules.list_rules(enabled_only=True)]


def test_a_change_leaves_the_rest_and_null_clears(house):
    made = house.rules.create(RULE)
    changed = house.rules.change(
        made.rule.id, {"audio_language_is": None, "quality_preset": "best", "priority": None}
    )
    assert changed.rule.conditions.audio_language_is is None
    assert changed.rule.conditions.missing_external_subtitle_lang == "spa"
    assert changed.rule.action.quality_preset == "best"
    assert (changed.rule.priority, changed.rule.name) == (0, RULE["name"])
    assert changed.updated_at is not None
    assert house.rules.change(made.rule.id, {"name": RULE["name"]}).rule.name == RULE["name"]


def test_toggling_and_removing(house):
    rule_id = house.rules.create(RULE).rule.id
    assert not house.rules.toggle(rule_id).rule.is_enabled
    assert house.rules.toggle(rule_id).rule.is_enabled
    house.rules.remove(rule_id)
    for act in (house.rules.get, house.rules.toggle, house.rules.remove):
        with pytest.raises(NotFound):
            act(rule_id)
    with pytest.raises(NotFound):
        house.rules.change(rule_id, {"name": "x"})


def test_names_are_unique(house):
    house.rules.create(RULE)
    other = house.rules.create(RULE | {"name": "other"})
    with pytest.raises(Refused, match="name"):
        house.rules.create(RULE)
    with pytest.raises(Refused, match="name"):
        house.rules.change(other.rule.id, {"name": RULE["name"]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": None},
        {"audio_language_is": "klingonish"},
        {"target_language": "xx-yy"},
        {"action_type": "sing"},
        {"quality_preset": "superb"},
        {"job_priority": "high"},
        {"colour": "red"},
        {"file_extension": "m/kv"},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(house, wrong):
    with pytest.raises(Invalid):
        house.rules.create(RULE | wrong)
    assert house.rules.list_rules() == []
    made = house.rules.create(RULE)
    with pytest.raises(Invalid):
        house.rules.change(made.rule.id, wrong)
    assert house.rules.get(made.rule.id) == made


def test_a_rule_without_conditions_warns(house):
    assert house.rules.create({"name": "all", "target_language": "spa"}).warning is not None
