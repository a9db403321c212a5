"""The whole program in use for as long as one likes: `python -m benchmarks.soak`."""
