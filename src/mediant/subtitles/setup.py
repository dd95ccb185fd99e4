"""The first steps: one choice, written whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mediant.errors import Invalid
from mediant.jobs.queue import JobQueue
from mediant.kernel.ids import new_secret
from mediant.settings.stored import StoredSettings
from mediant.subtitles.rule_store import StoredRule, insert_rule
from mediant.subtitles.settings_keys import SECTION
from mediant.subtitles.subtitle_settings import SubtitleSettings, note_changed

MakeKey = Callable[[], str]
"""The text of a new key: 32 random bytes, safe in an address."""

MOST_WORKERS = 10
LONGEST_INTERVAL_MIN = 10_080
PROVIDER_TIMEOUT_S = 3500
"""Just below the 3600 s after which Bazarr gives up."""
KINDS = ("transcribe", "detect_language")
_MODE = f"{SECTION}.operation_mode"
_RULE = {"file_extension": ".mkv,.mp4,.avi", "priority": 10, "job_priority": 5}


@dataclass(frozen=True, slots=True)
class SetupStatus:
    """How far a new server is."""

    is_first_run: bool
    is_completed: bool


@dataclass(frozen=True, slots=True)
class Standalone:
    """What the user wants of a server that looks after folders by itself."""

    library_paths: Sequence[str]
    rules: Sequence[Mapping[str, Any]] = ()
    """Flat fields as for `RuleStore.create`; `name`, extensions and priorities may be missing."""
    workers: int = 1
    worker_type: str = "cpu"
    interval_minutes: int | None = None


class Setup:
    """The setup wizard's choices."""

    def __init__(
        self,
        stored: StoredSettings,
        settings: SubtitleSettings,
        queue: JobQueue,
        make_key: MakeKey = new_secret,
    ) -> None:
        self._stored = stored
        self._settings = settings
        self._queue = queue
        self._make_key = make_key

    def status(self) -> SetupStatus:
        """Nothing is set, no folder and no job: then it is the first run."""
        now = self._stored.current().subtitles
        has_jobs = any(any(self._queue.count_jobs(kind).values()) for kind in KINDS)
        is_first = not (now.setup_completed or now.library_paths or has_jobs)
        return SetupStatus(is_first, now.setup_completed)

    def standalone(self, wish: Standalone) -> list[StoredRule]:
        """Look after these folders by these rules; the new rules.

        A folder that is not there yet is kept. Invalid for what makes no sense, Refused for a
        rule's name in use; then nothing is written.
        """
        _check(wish)
        made: list[StoredRule] = []

        def write_rules(tx: Connection) -> None:
            made.extend(insert_rule(tx, rule) for rule in _name_rules(wish.rules))

        changes: dict[str, Any] = {
            **self._switch_to("standalone"),
            "library_paths": list(wish.library_paths),
            "scanner_enabled": True,
            "worker_auto_start_count": wish.workers,
            "worker_auto_start_type": wish.worker_type.lower(),
            "setup_completed": True,
        }
        if wish.interval_minutes is not None:
            # Who says how often scans shall come wants them to come.
            changes |= {
                "scanner_schedule_interval_minutes": wish.interval_minutes,
                "auto_scan_enabled": True,
            }
        self._write(changes, write_rules)
        return made

    def bazarr_slave(self) -> str:
        """Work for Bazarr; the new key, which is now the setting `bazarr_api_key`.

        The scanner rests from now on, unless standalone work goes on (see `_switch_to`).
        """
        key = self._make_key()
        switch = self._switch_to("bazarr_slave")
        changes: dict[str, Any] = {
            **switch,
            "bazarr_api_key": key,
            "bazarr_provider_enabled": True,
            "provider_timeout_seconds": PROVIDER_TIMEOUT_S,
            "setup_completed": True,
        }
        if "standalone" not in switch.get("operation_mode", self._modes()):
            changes["scanner_enabled"] = False
        self._write(changes, lambda _tx: None)
        return key

    def skip(self) -> None:
        """Leave all as it is, and do not ask again."""
        self._write({"setup_completed": True}, lambda _tx: None)

    def _modes(self) -> list[str]:
        return self._stored.current().subtitles.operation_mode

    def _switch_to(self, mode: str) -> dict[str, list[str]]:
        """The change of `operation_mode` that adds a mode, or leaves no other.

        Several modes, and those that mediant.yaml names, were chosen on purpose: they stay. Where
        nothing changes nothing is stored, so that mediant.yaml goes on to decide.
        """
        now, is_chosen = self._modes(), _MODE in self._stored.read_file()
        kept = now if is_chosen or len(now) > 1 else []
        alike = {mode, "provider"} if mode == "bazarr_slave" else {mode}
        wanted = kept if alike & set(kept) else [*kept, mode]
        return {} if wanted == now else {"operation_mode": wanted}

    def _write(self, changes: Mapping[str, Any], also: Callable[[Connection], None]) -> None:
        self._settings.init_defaults()

        def write(tx: Connection) -> None:
            also(tx)
            note_changed(tx, list(changes))

        self._stored.change({f"{SECTION}.{key}": value for key, value in changes.items()}, write)


def _check(wish: Standalone) -> None:
    if not wish.library_paths:
        raise Invalid("No folder is given.", asset="library_paths")
    if not 0 <= wish.workers <= MOST_WORKERS:
        raise Invalid(f"It is from 0 to {MOST_WORKERS}.", asset="worker_config.count")
    if wish.worker_type.lower() not in ("cpu", "gpu"):
        raise Invalid("It is `cpu` or `gpu`.", asset="worker_config.type")
    minutes = wish.interval_minutes
    if minutes is not None and not 1 <= minutes <= LONGEST_INTERVAL_MIN:
        text = f"It is from 1 to {LONGEST_INTERVAL_MIN}."
        raise Invalid(text, asset="scanner_config.interval_minutes")


def _name_rules(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules with their defaults: `Rule 1`, common video files, priorities."""
    named = []
    for number, rule in enumerate(rules, start=1):
        given = {name: value for name, value in rule.items() if value is not None}
        if not given.get("target_language"):
            raise Invalid("A rule needs the language of the subtitles.", asset="target_language")
        named.append({"name": f"Rule {number}", **_RULE, **given})
    return named
