"""The two pages that the server makes itself: no script, no font, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from mediant import __version__
from mediant.system.health import Health

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{font-family:ui-monospace,monospace}h2{margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top}"
    "tr{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
)
_METHODS = ("get", "post", "put", "patch", "delete")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def front_page(health: Health, base_path: str) -> str:
    """What runs here, how it is, and where the API is."""
    base = escape(base_path)
    rows = {
        "State": health.status,
        "Workers": str(health.workers),
        "Jobs waiting": str(health.queued),
        "Jobs running": str(health.running),
    }
    table = "".join(
        f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in rows.items()
    )
    problems = "".join(f"<li>{escape(text)}</li>" for text in health.problems)
    return _page(
        "Mediant",
        f"<h1>Mediant {escape(__version__)}</h1>"
        "<p>This server listens to a media library and keeps it in order.</p>"
        f"<table>{table}</table>"
        + (f"<h2>What is wrong</h2><ul>{problems}</ul>" if problems else "")
        + "<h2>How to talk to it</h2><ul>"
        f'<li><a href="{base}/docs">The API</a>, below <code>{base}/api/v2</code> '
        f'(<a href="{base}/openapi.json">OpenAPI</a>)</li>'
        "<li>On the command line: <code>mediant --help</code></li></ul>",
    )


def reference_page(document: Mapping[str, Any]) -> str:
    """Every operation of an OpenAPI document, by tag."""
    by_tag: dict[str, list[str]] = {}
    for tag, row in _rows(document):
        by_tag.setdefault(tag, []).append(row)
    head = "<tr><th>Call</th><th>Does</th><th>Parameters</th></tr>"
    rooms = "".join(
        f"<h2>{escape(tag)}</h2><table>{head}{''.join(rows)}</table>"
        for tag, rows in by_tag.items()
    )
    info = document["info"]
    title = f"{info['title']} {info['version']}"
    text = escape(info.get("description", ""))
    return _page(title, f"<h1>{escape(title)}</h1><p>{text}</p>{rooms}")


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                yield operation.get("tags", ["other"])[0], _row(method, path, operation)


def _row(method: str, path: str, operation: Mapping[str, Any]) -> str:
    names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    if "requestBody" in operation:
        names.append(_body_name(operation["requestBody"]))
    does = operation.get("description") or operation.get("summary", "")
    return (
        f"<tr><td><code>{method.upper()} {escape(path)}</code></td>"
        f"<td>{escape(does)}</td><td><code>{escape(', '.join(names))}</code></td></tr>"
    )


def _body_name(body: Mapping[str, Any]) -> str:
    schema = next(iter(body["content"].values())).get("schema", {})
    names = [schema, *schema.get("anyOf", ())]
    refs = [one["$ref"].rpartition("/")[2] for one in names if "$ref" in one]
    return f"{{{refs[0]}}}" if refs else "{body}"
