"""Wrong passwords, one after the other."""

import time

import httpx2

WINDOW_S = 60.0
"""Tries count for so long."""
LIMIT = 5
MOST = 40


def guess_until_refused(client: httpx2.Client, path: str) -> httpx2.Response:
    """The answer to the first guess that is not even looked at: the one after five within a minute.

    It is the sixth, unless the machine stands still for so long that guesses are forgotten.
    """
    began, wrong = time.monotonic(), 0
    for number in range(MOST):
        answer = client.post(path, json={"password": f"wrong {number}"})
        if answer.status_code != 401:
            break
        wrong += 1
    assert wrong == LIMIT or (wrong > LIMIT and time.monotonic() - began > WINDOW_S)
    return answer
