"""Projected heads: bounds, complement, monotony, and honesty about what is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tagging.scored import scored

from mediant.tagging.calibrate import Calibration, Span
from mediant.tagging.genres import DECADES, GENRES, choose_era, choose_genres
from mediant.tagging.moods import choose_moods
from mediant.tagging.projection import MSD, MTT, PROJECTIONS, project, project_track, version_of
from mediant.tagging.readings import read_heads
from mediant.tagging.spans import BUILT_IN, FLOORS, built_in_calibration
from mediant.tagging.vocabulary import MOOD_KEYS

TAGS = sorted({tag for p in PROJECTIONS for group in p.groups for entry in group for tag in entry})
SHARE = st.floats(0, 1, width=32)
SCORES = st.fixed_dictionaries(dict.fromkeys(TAGS, SHARE))

MSD_LABELS = """rock, pop, alternative, indie, electronic, female vocalists, dance, 00s,
alternative rock, jazz, beautiful, metal, chillout, male vocalists, classic rock, soul, indie rock,
Mellow, electronica, 80s, folk, 90s, chill, instrumental, punk, oldies, blues, hard rock, ambient,
acoustic, experimental, female vocalist, guitar, Hip-Hop, 70s, party, country, easy listening, sexy,
catchy, funk, electro, heavy metal, Progressive rock, 60s, rnb, indie pop, sad, House, happy"""
MTT_LABELS = """guitar, classical, slow, techno, strings, drums, electronic, rock, fast, piano,
ambient, beat, violin, vocal, synth, female, indian, opera, male, singing, vocals, no vocals,
harpsichord, loud, quiet, flute, woman, male vocal, no vocal, pop, soft, sitar, solo, man, classic,
choir, voice, new age, dance, male voice, female vocal, beats, harp, cello, no voice, weird,
country, metal, female voice, choral"""
LABELS = {
    MSD: tuple(label.strip() for label in MSD_LABELS.split(",")),
    MTT: tuple(label.strip() for label in MTT_LABELS.split(",")),
}


def as_arrays(scores):
    return {tag: np.array([value], np.float32) for tag, value in scores.items()}


def tagged(**more: float):
    """Both networks with the same weak score for every tag, except those given."""
    heads = []
    for vocabulary, labels in LABELS.items():
        values = {label: more.get(f"{vocabulary[:3]}_{label}", 0.02) for label in labels}
        heads.append(scored("tags", values, "tags", model=vocabulary))
    return heads


def test_a_genre_is_measured_by_the_span_of_its_own_model_whatever_its_name():
    model = f"{MSD}-1"
    head = scored("tags", {"punk": 0.3, "80s": 0.2}, "tags", model=model)
    spans = {(model, "tags", label): Span(0.1, 0.5) for label in ("punk", "80s")}
    (punk,) = choose_genres([head], Calibration(spans, "a" * 12))
    era = choose_era([head], Calibration(spans, "a" * 12))
    assert (punk.word, punk.span.source) == ("Punk", "library")
    assert punk.calibrated == pytest.approx(0.5)
    assert era is not None
    assert era.span.source == "library"
    assert era.calibrated == pytest.approx(0.25)


def test_both_vocabularies_have_fifty_tags_and_every_projected_tag_is_one():
    for labels in LABELS.values():
        assert len(set(labels)) == 50
    for vocabulary, label in TAGS:
        assert label in LABELS[vocabulary]
    for vocabulary, table in GENRES.items():
        assert set(table) <= set(LABELS[vocabulary])
    assert set(DECADES) <= set(LABELS[MSD])


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.name)
@given(scores=SCORES)
def test_scores_are_bounded_and_poles_add_up_to_one(projection, scores):
    found = project(projection, as_arrays(scores))
    assert found is not None
    assert found.shape == (1, len(projection.labels))
    assert ((found >= 0) & (found <= 1)).all()
    if len(projection.labels) == 2:
        assert found.sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.name)
@given(scores=SCORES, tag=st.sampled_from(TAGS), more=SHARE)
def test_raising_a_tag_of_a_pole_never_lowers_it(projection, scores, tag, more):
    raised = {**scores, tag: max(more, scores[tag])}
    before, after = (project(projection, as_arrays(given)) for given in (scores, raised))
    assert before is not None
    assert after is not None
    for column, group in enumerate(projection.groups):
        others = [g for i, g in enumerate(projection.groups) if i != column]
        if any(tag in entry for entry in group) and not any(tag in e for g in others for e in g):
            assert after[0, column] >= before[0, column] - 1e-6


def test_synonyms_count_once():
    voice = next(p for p in PROJECTIONS if p.name == "voice_instrumental")
    quiet = dict.fromkeys(TAGS, 0.0) | {(MSD, "instrumental"): 0.5}
    one = project(voice, as_arrays(quiet | {(MTT, "vocal"): 0.5}))
    two = project(voice, as_arrays(quiet | {(MTT, "vocal"): 0.5, (MTT, "vocals"): 0.5}))
    assert one is not None
    assert two is not None
    assert one.tolist() == two.tolist() == [[0.5, 0.5]]


def test_without_any_evidence_a_pair_is_even():
    happy = PROJECTIONS[0]
    assert project(happy, as_arrays(dict.fromkeys(TAGS, 0.0))) == pytest.approx(0.5)


def test_one_network_alone_gives_what_it_knows():
    heads = tagged()[:1]
    names = {p.name for p in PROJECTIONS if project_track(p, heads, {}) is not None}
    assert names == {
        "happy_sad",
        "party",
        "relaxed_aggressive",
        "danceability",
        "acoustic_electronic",
        "voice_instrumental",
        "female_male",
    }


def test_what_no_tag_tells_is_absent():
    labels = {label for p in PROJECTIONS for label in p.labels}
    assert not labels & {"tonal", "atonal", "bright", "dark", "approachable", "engaging"}
    assert labels <= set(MOOD_KEYS)


def test_a_version_follows_the_rule_and_its_networks():
    happy, party = PROJECTIONS[:2]
    sources = {MSD: "1", MTT: "1"}
    assert version_of(happy, sources) != version_of(party, sources)
    assert version_of(happy, sources) != version_of(happy, {MSD: "2", MTT: "1"})
    assert version_of(happy, sources) == version_of(happy, {MSD: "1", MTT: "2"})
    assert len(version_of(happy, sources)) == 12


def test_spread_comes_from_the_projection_of_every_patch():
    heads = tagged()
    patches = {vocabulary: np.full((6, 50), 0.02, np.float32) for vocabulary in (MSD, MTT)}
    patches[MSD][:3, LABELS[MSD].index("happy")] = 0.5
    found = project_track(PROJECTIONS[0], heads, patches)
    assert found is not None
    assert found.value("happy", "deviation") > 0.2
    uneven = {MSD: patches[MSD], MTT: patches[MTT][:3]}
    found = project_track(PROJECTIONS[0], heads, uneven)
    assert found is not None
    assert np.isnan(found.value("happy", "deviation"))
    assert found.value("happy") == pytest.approx(0.5)


def project_all(heads):
    found = [project_track(p, heads, {}) for p in PROJECTIONS]
    return [*heads, *(score for score in found if score is not None)]


def test_the_gender_of_a_singer_needs_a_voice():
    strong = {"msd_female vocalists": 0.6, "mtt_female": 0.6}
    quiet = {"msd_instrumental": 0.9, "mtt_no vocals": 0.9}
    calibration = built_in_calibration()
    sung = choose_moods(read_heads(project_all(tagged(**strong, mtt_vocal=0.6)), calibration))
    assert "female vocal" in {c.word for c in sung.choices if c.dropped is None}
    played = choose_moods(read_heads(project_all(tagged(**strong, **quiet)), calibration))
    told = {choice.word: choice.dropped for choice in played.choices}
    assert told["female vocal"] == "needs vocal, which the track does not have"


def test_a_word_does_not_live_on_the_weakness_of_its_opposite():
    heads = project_all(tagged(msd_happy=0.001, msd_sad=0.00001))
    moods = choose_moods(read_heads(heads, built_in_calibration()))
    told = {choice.word: choice.dropped for choice in moods.choices}
    assert told["happy"] is not None
    assert told["happy"].startswith("the tags for it are weak")


def test_the_shipped_tables_name_projected_labels_only():
    known = {(p.name, label) for p in PROJECTIONS for label in p.labels}
    assert {(name, label) for _model, name, label in BUILT_IN} <= known
    assert set(FLOORS) <= known
    assert all(0 <= low < high <= 1 for low, high in BUILT_IN.values())


def test_genres_reach_the_floor_and_half_of_the_strongest():
    heads = tagged(msd_rock=0.4, msd_indie=0.21, msd_pop=0.19, mtt_classical=0.3)
    words = [choice.word for choice in choose_genres(heads, Calibration())]
    assert words == ["Rock", "Indie", "Classical"]
    assert choose_genres(tagged(), Calibration()) == ()


def test_styles_of_a_style_network_win():
    styles = {"Rock---Punk": 0.5, "Rock---Emo": 0.3, "Jazz---Bop": 0.1}
    heads = [*tagged(msd_rock=0.9), scored("tags", styles, "tags", model="discogs-effnet")]
    assert [choice.word for choice in choose_genres(heads, Calibration())] == ["Punk", "Emo"]


def test_the_era_stands_out_or_is_not_told():
    found = choose_era(tagged(msd_80s=0.2), Calibration())
    assert found is not None
    assert found.word == "80s"
    assert choose_era(tagged(msd_80s=0.2, msd_90s=0.19), Calibration()) is None
    assert choose_era(tagged(msd_80s=0.04), Calibration()) is None
