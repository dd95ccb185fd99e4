"""Telling and being told: media servers report new videos, and learn of new subtitles.

Knows: what a hook asks for, which item of a media server a video is, whom to tell.
Public: `Telling`, `news_of`, `HookNews`, `Heeded`; the port `server.MediaServer`.
Must not know: any service's API (adapters satisfy the port), bodies of hooks.
"""

from mediant.subtitles.tell.hook import Heeded, HookNews
from mediant.subtitles.tell.telling import Telling, news_of

__all__ = ["Heeded", "HookNews", "Telling", "news_of"]
