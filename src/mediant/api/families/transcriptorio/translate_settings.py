"""Settings in the words of `transcriptorio`. Pure."""

from mediant.api.families.transcriptorio import wire_settings as wire
from mediant.api.families.transcriptorio.family import moment
from mediant.subtitles.subtitle_settings import SettingEntry


def setting_out(entry: SettingEntry) -> wire.SettingOut:
    """One setting."""
    return wire.SettingOut(
        id=entry.id,
        key=entry.key,
        value=entry.value,
        description=entry.description,
        category=entry.category,
        value_type=entry.value_type,
        created_at=moment(entry.created_at) or "",
        updated_at=moment(entry.updated_at),
    )
