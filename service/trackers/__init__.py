"""Readers of other apps' exports: pure, from text to what it says, each row accounted for."""
