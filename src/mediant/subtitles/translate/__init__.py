"""Translation: what was said in one language, as timed words of another.

Knows which ways from language to language are installed (`find_route`), how words become
sentences and a translated sentence words again (`translate_heard`), and the translators:
CTranslate2 folders, Apertium, a server that speaks OpenAI's protocol. Light to import.
Public: `find_route`, `Route`, `Step`, `translate_heard`, `open_translator`, `Translator`,
`Computing`; `folder.read_shelf`; `argos.import_argos`.
Must not know: jobs, cues' rules, files of subtitles, HTTP routes.
"""

from mediant.subtitles.translate.heard import translate_heard
from mediant.subtitles.translate.installed import find_route
from mediant.subtitles.translate.open import open_translator
from mediant.subtitles.translate.route import Route, Step
from mediant.subtitles.translate.translator import Computing, Translator

__all__ = [
    "Computing",
    "Route",
    "Step",
    "Translator",
    "find_route",
    "open_translator",
    "translate_heard",
]
