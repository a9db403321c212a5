"""Rights by Discord's own names, and who has which of them where."""

from tests.discord.server.world import Channel, Guild, Member

BITS = {
    "create_instant_invite": 1 << 0,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "manage_webhooks": 1 << 29,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
}
ALL = (1 << 50) - 1


def bits(*names: str) -> int:
    found = 0
    for name in names:
        found |= BITS[name]
    return found


USUAL = bits(
    "create_instant_invite",
    "add_reactions",
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "use_application_commands",
    "create_public_threads",
    "send_messages_in_threads",
)


def in_guild(guild: Guild, member: Member) -> int:
    if member.user.id == guild.owner.id:
        return ALL
    found = guild.roles[guild.id].permissions
    for role in member.roles:
        found |= guild.roles[role].permissions
    return ALL if found & BITS["administrator"] else found


def in_channel(channel: Channel, member: Member) -> int:
    """The rights of a member in a channel of a guild; a thread has those of its parent."""
    guild = channel.guild
    assert guild is not None, "direct messages have no rights"
    found = in_guild(guild, member)
    if found == ALL:
        return ALL
    overwrites = (channel.parent or channel).overwrites
    everyone = overwrites.get(guild.id)
    if everyone:
        found = found & ~everyone.deny | everyone.allow
    of_roles = [overwrites[role] for role in member.roles if role in overwrites]
    for overwrite in of_roles:
        found &= ~overwrite.deny
    for overwrite in of_roles:
        found |= overwrite.allow
    own = overwrites.get(member.user.id)
    if own:
        found = found & ~own.deny | own.allow
    return found if found & BITS["view_channel"] else 0
