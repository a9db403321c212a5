"""Discord: events in, Components V2 out."""
