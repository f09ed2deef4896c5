"""What differs for a lifter from one append to the next, and is told; what other rules would change."""
