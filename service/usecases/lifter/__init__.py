"""What is asked of one lifter: state, prescriptions, derivations; exporting, restoring and erasing one."""
