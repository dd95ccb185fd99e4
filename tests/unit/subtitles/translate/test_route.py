"""Which way is taken, and that its last language is the one that was asked for."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediant.errors import ModelError
from mediant.kernel.languages import canonical_code
from mediant.subtitles.translate.route import Installed, Model, Route, Step, choose_route

CODES = ["eng", "spa", "fra", "deu", "jpn", "cat"]


def pair(source: str, target: str) -> Model:
    return Model(f"mt/{source}-{target}", frozenset({source}), frozenset({target}))


MANY = Model("mt/m2m100", frozenset(CODES), frozenset(CODES), is_multilingual=True)
SPANISH = ("eng", "spa", "eng-spa")


def way(source: str, target: str, **installed: object) -> tuple[str, list[str]]:
    route = choose_route(source, target, Installed(**installed))  # type: ignore[arg-type]
    return route.task, [step.name for step in route.steps]


def test_the_spoken_language_needs_no_translation():
    assert way("es", "spa", models=(MANY,), whisper_can=True) == ("transcribe", [])
    assert way("nob", "no") == ("transcribe", [])


def test_english_comes_from_whisper_if_it_can():
    models = (pair("spa", "eng"),)
    assert way("spa", "eng", models=models, whisper_can=True) == ("translate", [])
    assert way("spa", "eng", models=models) == ("transcribe", ["mt/spa-eng"])


def test_each_way_gives_way_to_the_one_before_it():
    direct, first, second = pair("fra", "spa"), pair("fra", "eng"), pair("eng", "spa")
    rules = (("fra", "spa", "fra-spa"), SPANISH)
    everything = {"apertium": rules, "remote_model": "llm", "whisper_can": True}
    found = [
        way("fra", "spa", models=(direct, first, second, MANY), **everything),
        way("fra", "spa", models=(first, second, MANY), **everything),
        way("fra", "spa", models=(first, MANY), **everything),
        way("fra", "spa", models=(first,), **everything),
        way("fra", "spa", models=(first,), **{**everything, "apertium": (SPANISH,)}),
        way("fra", "spa", **{**everything, "apertium": (SPANISH,)}),
        way("fra", "spa", remote_model="llm", whisper_can=True),
    ]
    assert found == [
        ("transcribe", ["mt/fra-spa"]),
        ("transcribe", ["mt/fra-eng", "mt/eng-spa"]),
        ("transcribe", ["mt/m2m100"]),
        ("transcribe", ["fra-spa"]),
        ("transcribe", ["mt/fra-eng", "eng-spa"]),
        ("translate", ["eng-spa"]),
        ("transcribe", ["llm"]),
    ]


def test_a_server_comes_first_when_that_is_wished():
    installed = {"models": (MANY,), "remote_model": "llm", "whisper_can": True, "order": "remote"}
    assert way("fra", "eng", **installed) == ("transcribe", ["llm"])
    assert way("fra", "fra", **installed) == ("transcribe", [])
    assert way("und", "eng", **installed) == ("translate", [])


def test_a_model_of_one_pair_beats_one_of_several_and_a_mode_its_variants():
    several = Model("mt/a-eng-many", frozenset({"eng"}), frozenset({"spa", "fra"}))
    assert way("eng", "spa", models=(several, pair("eng", "spa")))[1] == ["mt/eng-spa"]
    modes = (("spa", "eng", "spa-eng_US"), ("spa", "eng", "spa-eng"))
    assert way("spa", "eng", apertium=modes)[1] == ["spa-eng"]


def test_no_way_names_what_would_open_one():
    with pytest.raises(ModelError) as told:
        choose_route("fr", "es", Installed(models=(pair("eng", "spa"),), folder="/m/mt"))
    text = str(told.value)
    assert "from French to Spanish" in text
    assert "/m/mt/fra-spa" in text
    assert "through English /m/mt/fra-eng;" in text
    assert "apertium-fr-es" in text
    with pytest.raises(ModelError, match="mediant models pull --speech"):
        choose_route("fr", "en", Installed())
    with pytest.raises(ModelError, match="spoken language is not known"):
        choose_route("und", "spa", Installed(models=(MANY,), remote_model="llm"))
    with pytest.raises(ModelError, match="wanted language is not known"):
        choose_route("spa", "xx", Installed(whisper_can=True))


@st.composite
def installations(draw: st.DrawFn) -> Installed:
    code = st.sampled_from(CODES)
    some = st.frozensets(code, min_size=1)
    models = st.builds(Model, st.text("ab/", min_size=1), some, some, st.booleans())
    return Installed(
        tuple(draw(st.lists(models, max_size=5))),
        tuple(draw(st.lists(st.tuples(code, code, st.just("mode")), max_size=4))),
        draw(st.sampled_from([None, "llm"])),
        draw(st.booleans()),
        draw(st.sampled_from(["local", "remote"])),
    )


@settings(deadline=None)
@given(st.sampled_from([*CODES, "und"]), st.sampled_from(CODES), installations())
def test_every_way_is_unbroken_and_ends_in_the_wanted_language(source, target, installed):
    route = None
    with contextlib.suppress(ModelError):
        route = choose_route(source, target, installed)
    if route is None:
        assert installed.remote_model is None or source == "und"
        return
    at = route.heard
    for step in route.steps:
        assert step.source == at
        assert step.kind != "ctranslate2" or any(
            model.path == step.name and model.can(step.source, step.target)
            for model in installed.models
        )
        at = step.target
    assert at == canonical_code(target)
    assert Route.from_dict(route.to_dict()) == route
    if route.task == "translate":
        assert installed.whisper_can
        assert source != "eng"


def test_steps_of_one_model_share_a_key():
    one, other = Step("ctranslate2", "eng", "spa", "m"), Step("ctranslate2", "fra", "eng", "m")
    assert one.key == other.key
