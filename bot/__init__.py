"""matome: an archive of Japanese tech-news digests, useful where people talk."""
