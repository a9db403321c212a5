"""What the library knows of servers, without those that a shard has no more."""

from typing import Any

from discord.state import AutoShardedConnectionState


class Cache(AutoShardedConnectionState[Any]):
    """Forgets servers that a shard is not told of when it identifies anew.

    With shards the library never does: whoever threw the bot out while a shard was cut off would
    stay until a restart.
    """

    def parse_ready(self, data: Any) -> None:
        """Keep of a shard what its READY names.

        https://discord.com/developers/docs/events/gateway-events#ready
        """
        shard, there = data["shard"][0], {int(each["id"]) for each in data["guilds"]}
        ours = [guild for guild in self.guilds if guild.shard_id == shard]
        for guild in ours:
            if guild.id not in there:
                self._remove_guild(guild)
        super().parse_ready(data)
