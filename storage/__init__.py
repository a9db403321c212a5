"""What is kept on disk, behind the ports of bot/ports.py."""
