"""All stores over one state."""

from bot.stores import Stores
from storage.state.clock import StoredClock
from storage.state.codes import StoredCodes
from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.handled import StoredHandledEvents
from storage.state.hidden import StoredHiddenPosts
from storage.state.holds import StoredHolds
from storage.state.installations import StoredInstallations
from storage.state.outbox import StoredOutbox
from storage.state.seen import StoredSeenPosts
from storage.state.subscriptions import StoredSubscriptions
from storage.state.upkeep import StoredUpkeep


def stores_of(state: State) -> Stores:
    """The stores, which can be used as long as the state is open."""
    return Stores(
        codes=StoredCodes(state),
        seen=StoredSeenPosts(state),
        hidden=StoredHiddenPosts(state),
        subscriptions=StoredSubscriptions(state),
        digests=StoredDigests(state),
        outbox=StoredOutbox(state),
        installations=StoredInstallations(state),
        handled=StoredHandledEvents(state),
        holds=StoredHolds(state),
        upkeep=StoredUpkeep(state),
        clock=StoredClock(state),
    )
