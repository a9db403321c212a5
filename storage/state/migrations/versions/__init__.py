"""One file for each migration, which is not changed any more once it was released."""
