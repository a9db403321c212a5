"""Several `matome run` that share one PostgreSQL."""
