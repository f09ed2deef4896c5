"""Spotter tells gym software what a lifter should do next, and why."""
