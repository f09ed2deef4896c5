"""What a checked rule set is, as data: what all other rooms of the engine stand on."""
