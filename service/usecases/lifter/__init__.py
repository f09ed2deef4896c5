"""What is asked of one lifter: state, prescriptions, derivations, and their leaving or moving."""
