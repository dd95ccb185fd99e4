"""The names that Navidrome itself has, and the names that our keys get there.

Sources in navidrome/navidrome: `model/criteria/fields.go` and `persistence/criteria_sql.go`
(columns), `model/participants.go` (roles), `resources/mappings.yaml` (tags that it imports anyway)
and `model/tag_mappings.go` (a `Tags` entry of the configuration *replaces* the aliases of a tag of
the same name). So our `genre` must not be called `genre` there: every genre of the user would be
gone, and `bpm` would still be the column. Such keys get the namespace in front: `nom_genre`.
"""

COLUMNS = frozenset(
    """
    title album hascoverart tracknumber discnumber year date originalyear originaldate releaseyear
    releasedate size compilation missing explicitstatus dateadded datemodified discsubtitle comment
    lyrics sorttitle sortalbum sortartist sortalbumartist albumcomment catalognumber filepath
    filetype codec duration bitrate bitdepth samplerate bpm channels loved dateloved lastplayed
    daterated playcount rating averagerating albumrating albumloved albumplaycount albumlastplayed
    albumdateloved albumdaterated albumdateadded albumdatemodified albumduration albumsongcount
    albumsize artistrating artistloved artistplaycount artistlastplayed artistdateloved
    artistdaterated mbz_album_id mbz_album_artist_id mbz_artist_id mbz_recording_id
    mbz_release_track_id mbz_release_group_id rgalbumgain rgalbumpeak rgtrackgain rgtrackpeak
    library_id
    """.split()  # noqa: SIM905 (readable)
)
"""Facts about a track that a rule can ask for by these names."""

ROLES = frozenset(
    """
    artist albumartist composer conductor lyricist arranger producer director engineer mixer
    remixer djmixer performer maincredit
    """.split()  # noqa: SIM905 (readable)
)
"""Kinds of people of a track."""

TAGS = frozenset(
    """
    titlesort artists artistsort artistssort composersort lyricistsort writer albumartistsort
    albumartists albumartistssort albumsort albumversion genre track tracktotal disc disctotal
    subtitle recordingdate musicbrainz_artistid musicbrainz_recordingid musicbrainz_trackid
    musicbrainz_albumartistid musicbrainz_albumid musicbrainz_releasegroupid musicbrainz_discid
    musicbrainz_workid musicbrainz_composerid musicbrainz_lyricistid musicbrainz_conductorid
    musicbrainz_arrangerid musicbrainz_directorid musicbrainz_djmixerid musicbrainz_engineerid
    musicbrainz_mixerid musicbrainz_performerid musicbrainz_producerid musicbrainz_remixerid
    replaygain_album_gain replaygain_album_peak replaygain_track_gain replaygain_track_peak
    r128_album_gain r128_track_gain releasetype albumtype asin barcode copyright encodedby
    encodersettings explicit gapless grouping key isrc label language license media mood
    movementname movementtotal movement recordlabel releasecountry releasestatus script website work
    """.split()  # noqa: SIM905 (readable)
)
"""Tags that Navidrome reads without being told."""

SPECIAL = frozenset({"random", "value", "id", "path"})
"""Names with a meaning of their own in rules."""

OWN = COLUMNS | ROLES | TAGS | SPECIAL
"""All names that are taken."""

SORTABLE = COLUMNS | ROLES | {"genre", "mood", "grouping", "random"}
"""What a playlist may be sorted by, besides our own fields."""


def name_field(key: str, namespace: str) -> str:
    """Navidrome's name of one of our keys: `mood-loose` -> `mood_loose`, `bpm` -> `nom_bpm`."""
    name = key.replace("-", "_")
    return f"{namespace}_{name}" if name in OWN else name
