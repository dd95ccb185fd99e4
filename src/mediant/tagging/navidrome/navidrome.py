"""The face of this package: one library's tags, previews and playlists for Navidrome."""

from typing import Any

from sqlalchemy import Connection, func, select

from mediant.errors import Invalid
from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.store.schema_library import file, library, media
from mediant.store.schema_tagging import track
from mediant.tagging.counted import counting
from mediant.tagging.navidrome import nsp, tags
from mediant.tagging.navidrome.config import write_config
from mediant.tagging.navidrome.parser import parse
from mediant.tagging.navidrome.playlist import (
    PlaylistPreview,
    PlaylistTemplate,
    PreviewTrack,
    SmartPlaylist,
)
from mediant.tagging.navidrome.resolve import LOOSE, Resolver, list_keys
from mediant.tagging.navidrome.rule import Rule
from mediant.tagging.navidrome.select import match
from mediant.tagging.navidrome.sort import list_sort_keys, read_sort
from mediant.tagging.navidrome.tags import NavidromeTag
from mediant.tagging.navidrome.templates import TEMPLATES, Template
from mediant.tagging.write.names import KNOWN_NAMESPACES

MOST_PREVIEWED = 1000


class Navidrome:
    """Our tags and playlists as Navidrome understands them.

    Tags are those that Mediant knows of present files. Navidrome sees them once they are written
    into the files and its full scan has read them.
    """

    def __init__(self, database: Database, settings: TaggingSettings) -> None:
        """On an open database."""
        self._database = database
        self._namespace = settings.namespace

    @property
    def namespace(self) -> str:
        """The namespace of our tags, such as `nom`."""
        return self._namespace

    def list_tags(self) -> list[NavidromeTag]:
        """Our keys in this library, sorted by key."""
        with counting(self._database) as connection:
            return tags.list_tags(connection)

    def write_config(self) -> str:
        """The text to append to navidrome.toml; one comment line if there are no tags."""
        with counting(self._database) as connection:
            found = tags.list_tags(connection)
            counts = _count_tracks(connection)
        return write_config(found, self._namespace, counts)

    def preview(self, query: str, limit: int = 10) -> PlaylistPreview:
        """How many present tracks a query finds, and the first `limit` of them by their id.

        Raises `Invalid` with a sentence for what is no query, or what no rule of Navidrome can say.
        """
        if not 0 <= limit <= MOST_PREVIEWED:
            raise Invalid(f"A preview shows 0 to {MOST_PREVIEWED} tracks.", asset="limit")
        with counting(self._database) as connection:
            rule = self._understand(connection, query)
            matched = _count(connection, rule)
            # Nothing to list is found out by looking at every file once more.
            shown = _list(connection, rule, min(limit, matched)) if matched and limit else ()
            return PlaylistPreview(matched, shown)

    def write_playlist(
        self,
        query: str,
        *,
        name: str,
        comment: str = "",
        limit: int | None = None,
        sort: str | None = None,
    ) -> SmartPlaylist:
        """The smart playlist of a query: it finds the tracks that `preview` finds.

        `comment`: the query by default. `limit`: 1 to 10,000. `sort`: `random`, or fields such as
        `title`, `-year`, `-mood_happy`. Raises `Invalid`.
        """
        with counting(self._database) as connection:
            rule = self._understand(connection, query)
            sort_keys = tags.read_types(connection, list_sort_keys(sort or ""))
        content = nsp.write(
            rule,
            self._namespace,
            name=name,
            comment=comment.strip() or f"Mediant: {query.strip()}",
            order=read_sort(sort, self._namespace, sort_keys),
            limit=limit,
        )
        return SmartPlaylist(name.strip(), query, content)

    def list_templates(self) -> list[PlaylistTemplate]:
        """Queries of words that this library has; each finds at least one track."""
        with counting(self._database) as connection:
            words = set(tags.list_values(connection, LOOSE))
            numbers = tags.read_types(connection, _list_numbers())
            fitting = [
                template
                for template in TEMPLATES
                if words.issuperset(template.moods)
                and (template.number is None or template.number[0] in numbers)
            ]
            offers = [self._offer(connection, template) for template in fitting]
        return [offer for offer in offers if offer.files]

    def _offer(self, connection: Connection, template: Template) -> PlaylistTemplate:
        query = template.write_query(self._namespace)
        files = _count(connection, self._understand(connection, query))
        return PlaylistTemplate(template.id, template.name, template.description, query, files)

    def _understand(self, connection: Connection, query: str) -> Rule:
        parsed = parse(query, tuple(dict.fromkeys((self._namespace, *KNOWN_NAMESPACES))))
        return Resolver(
            tags.read_types(connection, list_keys(parsed)),
            list_words=lambda: tags.list_values(connection, LOOSE),
            list_known=lambda: tags.list_keys(connection),
        ).resolve(parsed)


def _count(connection: Connection, rule: Rule) -> int:
    wanted = select(func.count()).select_from(file).where(file.c.state == "present", match(rule))
    return int(connection.execute(wanted).scalar_one())


def _list(connection: Connection, rule: Rule, limit: int) -> tuple[PreviewTrack, ...]:
    wanted = (
        select(library.c.root_path, file.c.path, media.c.title, media.c.artist)
        .join(library, library.c.id == file.c.library_id)
        .outerjoin(media, media.c.file_id == file.c.id)
        .where(file.c.state == "present", match(rule))
        .order_by(file.c.id)
        .limit(limit)
    )
    return tuple(_show(row) for row in connection.execute(wanted))


def _show(row: Any) -> PreviewTrack:
    path = f"{row.root_path.rstrip('/')}/{row.path}"
    return PreviewTrack(path, row.title, row.artist)


def _count_tracks(connection: Connection) -> tuple[int, int]:
    """How many present files carry our tags, and how many could."""
    counts = select(func.count(track.c.written_mode), func.count())
    joined = counts.select_from(track).join(file, file.c.id == track.c.file_id)
    written, tagged = connection.execute(
        joined.where(track.c.state == "tagged", file.c.state == "present")
    ).one()
    return written, tagged


def _list_numbers() -> list[str]:
    return [template.number[0] for template in TEMPLATES if template.number is not None]
