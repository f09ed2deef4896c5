"""The processes beside the web server: workers that drain, and the sweeper that sees to it that they do."""
