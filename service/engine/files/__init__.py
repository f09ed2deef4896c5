"""Rule files, from bytes to a library and the rule sets of its programmes.

The stages in order:

1. `yaml_tree`: bytes to a tree that knows the place of every value; `yaml_advice` says what to write instead.
2. `fields` and `parameter_values`: from the tree what is expected, or a mistake with its place.
3. A reader for each kind of file: `exercise_files`, `catalogue_files`, `programme_files` (with `equipment_files`) and
   `scheme_files` (with `declarations`, `rule_lists`, `prescribe_lines`, `examples` and `example_lines`).
4. `library`: all files of a folder together, and the rule set of a programme. `assembling`: files of somebody's own
   over a library.

For people: `rule_prose` explains files, `file_diff` compares them, `language_reference` lists what rules may say.
"""
