"""Running the whole of Spotter on one machine: supervisor, databases, workers, web server, the doctor's checks."""
