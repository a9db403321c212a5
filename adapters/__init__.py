"""The platforms: events in, answers out."""
