"""What runs as long as the program: platforms, syncs, deliveries, HTTP, and what they share."""
