"""Scans by the clock. The clock's hands are moved by asking what is due then."""

import pytest

from mediant.errors import Forbidden, Invalid, Refused
from mediant.jobs.schedule import Schedules
from mediant.kernel.clock import now_s, to_datetime
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.scanning.schedule import ScanSchedule, schedule_line
from mediant.testing.waiting import wait_until


def fire(house, now):
    """What the dispatcher does at this moment; the scans that are queued then."""
    with house.queue.journal.change() as change:
        house.schedules.due(change, house.queue.intake, now)
    return house.queue.list_jobs(kind="scan_videos")


@pytest.fixture
def timed(house, media):
    """A scanner that was started, with a library."""
    house.set(library_paths=[str(media)])
    house.scanner.start()
    return house


def test_the_first_scan_comes_after_one_interval(timed):
    before = now_s()
    assert timed.scanner.start_schedule() == "every 360 minutes"
    status = timed.scanner.status()
    assert status.scheduler_enabled
    assert status.scheduler_running
    assert before + 21_599 < status.next_scan_time < now_s() + 21_601  # clocks are set
    assert fire(timed, status.next_scan_time - 1) == []
    (job,) = fire(timed, status.next_scan_time + 1)
    assert job.payload["origin"] == "schedule"
    assert timed.scanner.status().next_scan_time == status.next_scan_time + 1 + 21_600
    timed.run_waiting()
    assert timed.scanner.read_scan(job.id).paths == tuple(
        timed.stored.current().subtitles.library_paths
    )


def test_which_setting_says_when(timed):
    assert timed.scanner.start_schedule("30 4 * * *") == "cron 30 4 * * *"
    assert to_datetime(timed.scanner.status().next_scan_time).strftime("%H:%M") == "04:30"
    timed.set(scanner_schedule_interval_minutes=45)
    assert timed.scanner.start_schedule() == "every 45 minutes"
    timed.set(scanner_schedule_interval_minutes=0, scanner_cron="15 3 * * 1")
    assert timed.scanner.start_schedule() == "cron 15 3 * * 1"


def test_the_last_fallback_is_an_interval(timed):
    settings = SubtitlesSettings(scanner_schedule_interval_minutes=0, scan_interval_minutes=17)
    without_cron = settings.model_copy(update={"scanner_cron": ""})
    assert schedule_line(without_cron) == "@every 17m"


def test_a_changed_setting_acts_at_once(timed):
    timed.scanner.start_schedule()
    first = timed.scanner.status().next_scan_time
    timed.set(scanner_schedule_interval_minutes=5)
    wait_until(lambda: (timed.scanner.status().next_scan_time or first) < first)
    timed.set(scanner_enabled=False)
    wait_until(lambda: not timed.scanner.status().scheduler_running)
    status = timed.scanner.status()
    assert status.scheduler_enabled  # the wish stays
    assert status.next_scan_time is None
    timed.set(scanner_enabled=True)
    wait_until(lambda: timed.scanner.status().scheduler_running)
    timed.set(auto_scan_enabled=False)
    wait_until(lambda: not timed.scanner.status().scheduler_running)
    timed.set(auto_scan_enabled=True)
    wait_until(lambda: timed.scanner.status().scheduler_running)
    timed.set(operation_mode=["provider"])
    wait_until(lambda: not timed.scanner.status().scheduler_running)


def test_a_wish_survives_a_restart_and_is_not_put_off_by_it(timed, media):
    timed.scanner.start_schedule("0 5 * * *", [media], recursive=False)
    before = timed.schedules.list_schedules()
    timed.scanner.stop()
    timed.scanner.start()
    assert timed.schedules.list_schedules() == before
    (job,) = fire(timed, timed.scanner.status().next_scan_time)
    assert (job.payload["paths"], job.payload["is_recursive"]) == ([str(media)], False)


def test_a_cron_line_goes_by_the_clock_of_the_house(house):
    def follow(zone, **told):
        schedule = ScanSchedule(Schedules(house.database, house.kinds, zone=zone))
        schedule.follow(SubtitlesSettings(auto_scan_enabled=True, **told))
        return schedule.find()

    # No clock leaves this hour out, or has it twice, on any day of the year.
    by_cron = {"scanner_schedule_interval_minutes": 0, "scanner_cron": "30 5 * * *"}
    made = follow("Asia/Kolkata", **by_cron)
    assert made.tz == "Asia/Kolkata"
    assert made.next_at.strftime("%H:%M %z") == "05:30 +0530"
    assert follow("Asia/Kolkata", **by_cron) == made
    # The house moves: the same hour of its new clock.
    moved = follow("America/New_York", **by_cron)
    assert moved.tz == "America/New_York"
    assert moved.next_at.strftime("%H:%M") == "05:30"
    assert moved.next_run != made.next_run
    # An interval knows no zone and is not put off.
    every = follow("America/New_York", scanner_schedule_interval_minutes=30)
    assert follow("Asia/Kolkata", scanner_schedule_interval_minutes=30) == every


def test_stopping_stays_so(timed):
    timed.scanner.start_schedule()
    timed.scanner.stop_schedule()
    timed.scanner.stop_schedule()
    status = timed.scanner.status()
    assert (status.scheduler_enabled, status.scheduler_running) == (False, False)
    assert fire(timed, now_s() + 1e6) == []


def test_a_scheduled_scan_and_one_by_hand_take_turns(timed):
    timed.scanner.start_schedule()
    by_hand = timed.scanner.scan()
    (job,) = fire(timed, timed.scanner.status().next_scan_time)
    assert job.id == by_hand.job_id


def test_what_cannot_be_scheduled(timed, tmp_path):
    with pytest.raises(Invalid, match="cron"):
        timed.scanner.start_schedule("whenever")
    with pytest.raises(Forbidden):
        timed.scanner.start_schedule(paths=[tmp_path])
    timed.set(scanner_enabled=False)
    with pytest.raises(Refused, match="scanner_enabled"):
        timed.scanner.start_schedule()
    timed.set(library_paths=[], scanner_enabled=True)
    with pytest.raises(Invalid, match="library_paths"):
        timed.scanner.start_schedule()
    assert not timed.scanner.status().scheduler_enabled
