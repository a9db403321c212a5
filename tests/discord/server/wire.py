"""Everything as the JSON that Discord sends it as."""

from tests.discord.server import permissions
from tests.discord.server.refusals import Json
from tests.discord.server.uploads import unshown
from tests.discord.server.world import Channel, Guild, Kind, Member, Message, Role, User


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": user.name,
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def member_json(member: Member, *, user: bool = True) -> Json:
    found: Json = {
        "roles": [str(role) for role in member.roles],
        "nick": None,
        "avatar": None,
        "joined_at": member.joined_at.isoformat(),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if user:
        found["user"] = user_json(member.user)
    return found


def role_json(role: Role, position: int) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def channel_json(channel: Channel) -> Json:
    found: Json = {"id": str(channel.id), "type": int(channel.kind), "flags": 0}
    newest = max(channel.messages, default=None)
    found["last_message_id"] = None if newest is None else str(newest)
    if channel.person is not None:
        return {**found, "recipients": [user_json(channel.person)]}
    assert channel.guild is not None
    found |= {"guild_id": str(channel.guild.id), "name": channel.name}
    found |= {"parent_id": str(channel.parent.id) if channel.parent else None}
    if channel.is_thread:
        return found | _thread_part(channel)
    found |= {
        "position": list(channel.guild.channels).index(channel.id),
        "nsfw": False,
        "topic": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {
                "id": str(key),
                "type": int(overwrite.member),
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for key, overwrite in channel.overwrites.items()
        ],
    }
    if channel.kind is Kind.FORUM:
        found["flags"] = (1 << 4) if channel.tag_required else 0
        found |= {"default_reaction_emoji": None, "default_sort_order": None}
        found |= {"default_forum_layout": 0, "template": ""}
        found["available_tags"] = [
            {
                "id": str(key),
                "name": name,
                "moderated": False,
                "emoji_id": None,
                "emoji_name": None,
            }
            for key, name in channel.tags.items()
        ]
    return found


def _thread_part(channel: Channel) -> Json:
    made_at = channel.made_at.isoformat() if channel.made_at else None
    return {
        "owner_id": str(channel.owner_id),
        "message_count": len(channel.messages),
        "total_message_sent": len(channel.messages),
        "member_count": 1,
        "rate_limit_per_user": 0,
        "applied_tags": [str(tag) for tag in channel.applied_tags],
        "thread_metadata": {
            "archived": channel.archived,
            "locked": channel.locked,
            "auto_archive_duration": channel.archive_minutes,
            "archive_timestamp": made_at,
            "create_timestamp": made_at,
        },
    }


def message_json(message: Message) -> Json:
    body = message.body
    found: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "type": message.kind,
        "author": user_json(message.author),
        "content": body.get("content") or "",
        "components": body.get("components") or [],
        "embeds": body.get("embeds") or [],
        "attachments": unshown(body),
        "mentions": [user_json(user) for user in body.get("mentions") or []],
        "mention_roles": [str(role) for role in body.get("mention_roles") or []],
        "mention_everyone": bool(body.get("mention_everyone")),
        "timestamp": message.at.isoformat(),
        "edited_timestamp": message.edited_at and message.edited_at.isoformat(),
        "tts": False,
        "pinned": False,
        "flags": message.flags,
    }
    if message.thread is not None:
        found["thread"] = channel_json(message.thread)
    if body.get("message_reference"):
        found["message_reference"] = body["message_reference"]
    if message.interaction is not None:
        found["interaction_metadata"] = {
            "id": str(message.interaction.id),
            "type": int(message.interaction.kind),
            "user": user_json(message.interaction.user),
            "authorizing_integration_owners": {},
        }
        found["webhook_id"] = str(message.author.id)
        found["application_id"] = str(message.author.id)
    return found


def nonce_json(message: Message) -> Json:
    """What is told of a nonce: when the message is made, and never after that."""
    return {} if message.nonce is None else {"nonce": message.nonce}


def message_event(message: Message) -> Json:
    """A message as the gateway tells it, with the member of the guild who wrote it."""
    found = message_json(message) | nonce_json(message)
    guild = message.channel.guild
    if guild is not None:
        found["guild_id"] = str(guild.id)
        if message.author.id in guild.members:
            found["member"] = member_json(guild.members[message.author.id], user=False)
    return found


def guild_json(guild: Guild) -> Json:
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "owner_id": str(guild.owner.id),
        "roles": [role_json(role, place) for place, role in enumerate(guild.roles.values())],
        "emojis": [],
        "stickers": [],
        "features": ["COMMUNITY", "NEWS"],
        "preferred_locale": guild.locale,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "vanity_url_code": None,
        "banner": None,
    }


def guild_event(guild: Guild, bot: User, *, new: bool = False) -> Json:
    """A guild as GUILD_CREATE tells it: of the members only the bot itself.

    One that the bot was in before is said to be available (again); one that is new is not.
    """
    own = guild.members[bot.id]
    seen = [
        channel
        for channel in guild.channels.values()
        if permissions.in_channel(channel, own) & permissions.BITS["view_channel"]
    ]
    available = {} if new else {"unavailable": False}
    return (
        guild_json(guild)
        | available
        | {
            "joined_at": own.joined_at.isoformat(),
            "large": len(guild.members) > 250,
            "member_count": len(guild.members),
            "members": [member_json(own)],
            "channels": [channel_json(channel) for channel in seen if not channel.is_thread],
            "threads": [
                channel_json(channel)
                for channel in seen
                if channel.is_thread and not channel.archived
            ],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
    )
