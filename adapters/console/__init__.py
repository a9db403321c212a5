"""The terminal: lines in, lines out."""
