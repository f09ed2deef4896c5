"""Backing up a whole Spotter, and restoring it elsewhere."""
