"""The processes beside the web server: workers that drain or deliver, and the sweeper that wakes them."""
