"""Rule sets: found in the archive, compared, tried on a log, rolled out."""
