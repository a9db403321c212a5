"""A Slack with a workspace, beside which a test may open a Discord."""

from tests.slack.conftest import slack, town

__all__ = ["slack", "town"]
