"""What is stored, held against itself, against a replay and against anchors."""
