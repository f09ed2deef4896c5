"""The expression language: parsed, typed, proven, and turned into functions or traced evaluation."""
