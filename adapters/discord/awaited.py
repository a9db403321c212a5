"""The servers of a shard, of which Discord tells one by one after its READY."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Awaited:
    """Which servers have not been told of yet, by shards.

    The library calls a shard ready only after two seconds in which no server came.
    https://discord.com/developers/docs/events/gateway-events#ready
    """

    _servers: dict[int, set[int]] = field(default_factory=dict)

    def begin(self, shard: int, servers: Iterable[int]) -> bool:
        """Wait for the servers of a shard; whether all are there."""
        self._servers[shard] = set(servers)
        return self._is_over(shard)

    def came(self, shard: int, server: int) -> bool:
        """Note a server; whether it is the last one that was waited for."""
        servers = self._servers.get(shard)
        if servers is None:
            return False
        servers.discard(server)
        return self._is_over(shard)

    def end(self, shard: int) -> None:
        """Wait no longer."""
        self._servers.pop(shard, None)

    def _is_over(self, shard: int) -> bool:
        if self._servers[shard]:
            return False
        self.end(shard)
        return True
