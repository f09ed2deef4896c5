"""Assistants: the Model Context Protocol."""
