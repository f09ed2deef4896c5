"""Running the whole of Spotter on one machine: one supervisor, its databases, workers and web server."""
