"""What people do with digests: setting them up, looking at them, having them sent, ending them."""
