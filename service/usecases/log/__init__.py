"""What is done with a lifter's log: appending, importing from trackers, reading, verifying."""
