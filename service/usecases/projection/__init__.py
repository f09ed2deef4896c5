"""Keeping projections up to their logs."""
