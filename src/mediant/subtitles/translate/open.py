"""Opens the translator of one step."""

from pathlib import Path

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.translate.route import Step
from mediant.subtitles.translate.translator import ON_CPU, Computing, Translator


def open_translator(
    step: Step, settings: SubtitlesSettings, computing: Computing = ON_CPU
) -> Translator:
    """The translator that `step` names, loaded. ModelError when that fails.

    It serves every step of the same `key`. What it needs is imported only now.
    """
    if step.kind == "ctranslate2":
        from mediant.subtitles.translate.ctranslate import CTranslateTranslator  # noqa: PLC0415
        from mediant.subtitles.translate.folder import read_folder  # noqa: PLC0415

        return CTranslateTranslator(read_folder(Path(step.name)), computing)
    if step.kind == "apertium":
        from mediant.subtitles.translate.apertium import ApertiumTranslator  # noqa: PLC0415

        return ApertiumTranslator(step.name)
    from mediant.subtitles.translate.remote import RemoteTranslator  # noqa: PLC0415

    key = settings.translation_key.get_secret_value()
    return RemoteTranslator(settings.translation_url, key, step.name)
