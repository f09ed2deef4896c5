"""Trying, comparing and rolling out rules."""
