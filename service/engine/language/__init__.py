"""The expression language, from the text of an expression to what runs, proves or reads it.

Its stages in order:

1. `parser`: text to Python's syntax tree, within bounds; `syntax_advice` says what to write instead.
2. `checker`: syntax tree to typed tree (`service.engine.ruleset.typed_tree`). `scopes` has the names that can be read
   in a place, `type_inference` and `list_inference` walk the tree, `calls` and `operand_types` say what functions and
   operators take, `narrowing` what a condition proves; `because` checks the sentences of rules.
3. `reachability`, with `value_ranges`: conditions that are never true, or always.
4. `compiler`, with `code_writer`: typed trees to Python functions, and binding them to a slot.
5. `interpreter`: the same typed trees evaluated step by step, with a trace. `prose`: the same in plain English.

`functions` and `list_functions` declare what rules may call, `comparisons` how the six of them turn; `tree_queries`
answers questions about typed trees. Facts are declared in `service.engine.ruleset.facts`.
"""
