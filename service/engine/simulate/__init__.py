"""Rules tried out: on logs given, on made-up lifters, on the examples in rule files."""
