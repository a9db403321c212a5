"""Where the bot says hello in a server."""

import discord


def greeted(guild: discord.Guild) -> discord.abc.GuildChannel | None:
    """A channel to say hello in: the server's own for that, else the first where it may write."""
    me = guild.me
    own = [] if guild.system_channel is None else [guild.system_channel]
    channels = [*own, *guild.text_channels]
    for channel in channels:
        rights = channel.permissions_for(me)
        if rights.view_channel and rights.send_messages:
            return channel
    return next(iter(channels), None)
