"""How the app loses what it was given: revoked tokens, and its being uninstalled."""

from tests.slack.server.app import Installation, Token
from tests.slack.server.state import State
from tests.slack.server.world import Workspace


def revoke(state: State, token: Token) -> None:
    """One token; the app is told when it was the last of its installation."""
    token.revoked = True
    installation = token.installation
    if installation is None:
        return
    if all(one.revoked for one in state.registry.tokens_of(installation)):
        _tell_revoked(state, installation)


def uninstall(state: State, installation: Installation, *, revoked_first: bool = True) -> None:
    """The app is thrown out, and told so by two events in one order or the other."""
    installation.removed = True
    for token in state.registry.tokens_of(installation):
        token.revoked = False
    tellings = [_tell_revoked, _tell_uninstalled]
    for tell in tellings if revoked_first else reversed(tellings):
        tell(state, installation)


def _tell_revoked(state: State, installation: Installation) -> None:
    tokens = {"oauth": [], "bot": [installation.bot.id]}
    event = {"type": "tokens_revoked", "tokens": tokens}
    state.tell_of(installation, _team(state, installation), "tokens_revoked", event)


def _tell_uninstalled(state: State, installation: Installation) -> None:
    event = {"type": "app_uninstalled"}
    state.tell_of(installation, _team(state, installation), "app_uninstalled", event)


def _team(state: State, installation: Installation) -> Workspace:
    """The workspace that an event names; of an organisation's any."""
    if installation.team is not None:
        return installation.team
    return next(team for team in state.teams.values() if team.enterprise is installation.enterprise)
