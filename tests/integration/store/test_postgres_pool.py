"""Databases for tests, on a machine that has much else to do."""

import os
import signal
import threading

import pytest
from sqlalchemy import make_url

from mediant.store import open_database
from mediant.testing.postgres import RunningPostgres

LONGER_THAN_POSTGRES_S = 6.0
"""It waits 5 s for others to leave a database that it shall copy."""


@pytest.mark.slow
def test_a_copy_waits_for_a_closed_session_that_is_slow_to_end(postgres: RunningPostgres) -> None:
    url = postgres.new_database()
    template = open_database(url)
    with template.read() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    os.kill(pid, signal.SIGSTOP)
    template.close()
    going_on = threading.Timer(LONGER_THAN_POSTGRES_S, os.kill, (pid, signal.SIGCONT))
    going_on.start()
    copy = open_database(postgres.new_database(make_url(url).database))
    going_on.join()
    with copy.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    copy.close()
