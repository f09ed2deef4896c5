"""Keeping projections up to their logs: draining, sweeping, rebuilding."""
