"""Where posts come from: sources, the readers of their formats, and the sync into the index."""
