"""The encoder makes the same of windows one by one as of all at once."""

import gc

import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim

from mediant.subtitles.speech.encoder import WindowedModel
from mediant.subtitles.speech.samples import to_float
from mediant.testing.speech import join, read_english

pytestmark = [pytest.mark.models, pytest.mark.corpus]


@pytest.mark.slow
def test_windows_are_encoded_as_in_a_batch(base_folder, speech):
    ours = WindowedModel(str(base_folder), device="cpu", compute_type="int8", cpu_threads=2)
    sound = to_float(join(read_english(speech))[0])
    parts = [ours.feature_extractor(part)[..., :-1] for part in np.array_split(sound, 3)]
    windows = np.stack([pad_or_trim(part) for part in parts])
    encoded = ours.encode(windows)
    gc.collect()
    found = np.array(encoded)
    assert found.shape[:2] == (3, 1500)
    assert np.allclose(found, np.array(WhisperModel.encode(ours, windows)), atol=1e-3)
    assert np.array_equal(found[1], np.array(ours.encode(windows[1]))[0])
