"""Draws what Discord and Slack are sent, as their clients show it: HTML, and pictures of that."""
