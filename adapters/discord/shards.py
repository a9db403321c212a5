"""Which shards of the gateway a process serves, and that nobody else may serve them."""

from adapters.discord.client import MatomeClient
from bot.errors import OperatorError
from bot.stores import Held, Wanted


def wanted(client: MatomeClient) -> Wanted:
    """What a client that is logged in has to hold before it tells the gateway who it is."""
    count = client.shard_count or 1
    ours = range(count) if client.shard_ids is None else client.shard_ids
    return Wanted(f"discord:{client.application_id}", tuple(ours), count)


def in_use(held: Held) -> OperatorError:
    """Another process serves a shard, or counts the shards otherwise."""
    by = held.by
    return OperatorError(
        "discord.shard_in_use",
        shard=held.part,
        count=held.parts,
        host=by.host,
        pid=by.pid,
        since=f"{by.since:%Y-%m-%d %H:%M:%S} UTC",
    )
