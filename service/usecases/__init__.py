"""What Spotter can do: the same functions for the HTTP server, the workers and the command line."""
