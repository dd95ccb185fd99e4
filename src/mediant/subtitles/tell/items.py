"""Which item of which media server a video is: the `media_item` table."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from mediant.kernel.clock import now_s
from mediant.settings.media_servers import ServerName
from mediant.store.schema_subtitles import media_item


def remember_item(tx: Connection, server: ServerName, item_id: str, paths: Sequence[Path]) -> None:
    """These videos are this item. A season or a show is no item of its single videos."""
    for path in paths:
        known = (media_item.c.path == str(path), media_item.c.server == server)
        tx.execute(delete(media_item).where(*known))
        if len(paths) == 1:
            row = {"path": str(path), "server": server, "item_id": item_id, "seen_at": now_s()}
            tx.execute(insert(media_item).values(row))


def find_item(connection: Connection, server: ServerName, path: Path) -> str | None:
    """The item of a video, if a hook has told it."""
    known = (media_item.c.path == str(path), media_item.c.server == server)
    return connection.scalar(select(media_item.c.item_id).where(*known))
