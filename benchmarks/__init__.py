"""Figures on a real archive, each beside a reference that is measured in the same run."""
