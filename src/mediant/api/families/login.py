"""Logging in, as both Nomarr families know it."""

from mediant.access.addresses import Origin
from mediant.access.sessions import NewSession
from mediant.app import App
from mediant.errors import Unavailable


def open_session(app: App, password: str, origin: Origin) -> NewSession:
    """A session for the right password. Raises `Unauthorized`, `TooManyTries`; `Unavailable` while
    nobody can log in at all."""
    if not app.access.has_password():
        raise Unavailable("No password is set.", remedy="Set one: mediant password set.")
    return app.access.login(password, origin)
