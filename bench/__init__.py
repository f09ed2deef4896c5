"""Repeatable benchmarks: figures beside the floor measured in the same run. Nothing here is a test."""
