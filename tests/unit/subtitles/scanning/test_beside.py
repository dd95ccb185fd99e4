"""What lies beside a media file."""

from pathlib import PurePosixPath

from mediant.subtitles.inspection.video import ExternalSubtitle
from mediant.subtitles.scanning.beside import Beside


def test_a_file_in_a_folder_of_subtitles_is_none_of_the_videos_own_folder() -> None:
    # Else its name would be taken for the very file that is to be written.
    paths = ["/films/Subs/Film.spa.srt", "/films/Film.eng.srt"]
    external = tuple(ExternalSubtitle(path, "und", False, False) for path in paths)
    beside = Beside(external, lyrics="Film.lrc")
    assert beside.names_in(PurePosixPath("/films")) == ("Film.eng.srt", "Film.lrc")
