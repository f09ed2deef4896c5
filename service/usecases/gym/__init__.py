"""Gyms and their API keys."""
