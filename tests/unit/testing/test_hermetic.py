"""Tests see nothing of the machine that they run on."""

import os
import socket
import time
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError


def test_no_setting_and_no_home_of_the_machine(tmp_path: Path) -> None:
    assert not [name for name in os.environ if name.startswith("MEDIANT_")]
    assert Path.home().parent == tmp_path.parent
    assert not list(Path.home().iterdir())
    assert time.tzname == ("UTC", "UTC")


def test_only_this_machine_can_be_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 10).close()
    outside = socket.socket()
    with (
        outside,
        pytest.warns(UserWarning, match=r"192\.0\.2\.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outside.connect(("192.0.2.1", 80))
