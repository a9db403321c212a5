"""What the bodies of comments mean: quotes, links, code, sentences."""
