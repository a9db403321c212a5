"""Answers as Block Kit, in Slack."""
