"""What a checked rule set is, as data: the seam between the language, the fold and everybody else."""
