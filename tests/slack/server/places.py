"""Conversations that come to be, and who comes to them and goes."""

from tests.slack.server.refusals import Json
from tests.slack.server.state import State
from tests.slack.server.wire import TYPES
from tests.slack.server.world import Channel, Kind, User, Workspace


def direct(state: State, team: Workspace, person: User) -> Channel:
    """The direct messages of a person with the app."""
    bot = state.bot(team)
    for known in state.channels.values():
        if (
            known.kind is Kind.IM
            and known.team is team
            and {person.id, bot.id} == set(known.members)
        ):
            return known
    return _made(state, team, "D", Kind.IM, [person, bot])


def group(state: State, team: Workspace, people: list[User]) -> Channel:
    """The direct messages of several people and the app."""
    bot = state.bot(team)
    wanted = {bot.id, *(person.id for person in people)}
    for known in state.channels.values():
        if known.kind is Kind.MPIM and known.team is team and set(known.members) == wanted:
            return known
    return _made(state, team, "G", Kind.MPIM, [*people, bot])


def _made(state: State, team: Workspace, prefix: str, kind: Kind, people: list[User]) -> Channel:
    key = state.names.next(prefix)
    name = "" if kind is Kind.IM else "mpdm-" + "--".join(one.name for one in people) + "-1"
    channel = Channel(key, name, kind, team, {one.id: one for one in people})
    channel.created = int(state.clock.now().timestamp())
    state.channels[key] = channel
    return channel


def join(state: State, channel: Channel, user: User) -> None:
    if user.id in channel.members:
        return
    channel.members[user.id] = user
    state.tell(channel.team, "member_joined_channel", _moved("joined", channel, user))


def leave(state: State, channel: Channel, user: User) -> None:
    """The app itself is told another event when it is put out."""
    channel.members.pop(user.id, None)
    installation = state.registry.of(channel.team)
    if installation is not None and user is installation.bot:
        name = "channel_left" if channel.kind is Kind.PUBLIC else "group_left"
        told = {"type": name, "channel": channel.id, "actor_id": ""}
        state.tell(channel.team, name, told)
    state.tell(channel.team, "member_left_channel", _moved("left", channel, user))


def _moved(how: str, channel: Channel, user: User) -> Json:
    return {
        "type": f"member_{how}_channel",
        "user": user.id,
        "channel": channel.id,
        "channel_type": TYPES[channel.kind][0].upper(),
        "team": channel.team.id,
    }


def archive(state: State, channel: Channel, *, archived: bool = True) -> None:
    channel.archived = archived
    prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
    name = f"{prefix}_{'archive' if archived else 'unarchive'}"
    state.tell(channel.team, name, {"type": name, "channel": channel.id, "user": ""})


def delete(state: State, channel: Channel) -> None:
    state.channels.pop(channel.id, None)
    name = "channel_deleted" if channel.kind is Kind.PUBLIC else "group_deleted"
    state.tell(channel.team, name, {"type": name, "channel": channel.id})
