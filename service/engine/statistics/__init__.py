"""Numbers over time: what a log's training comes to, session by session and week by week."""
