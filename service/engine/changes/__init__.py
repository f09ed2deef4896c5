"""What differs for a lifter from one version of the log to the next, and is told."""
