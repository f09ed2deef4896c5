"""Proofs about schemes, over all their parameters and all that a lifter may do: asked for, never run while serving.

Everything is proven of formulas made from the checked, typed trees that are compiled too (`translation`), over what is
assumed of facts, parameters and state (`assumptions`). Before a counter-example is told, the interpreter runs the rules
on it.

The package needs the solver Z3, which is a development dependency; only `spotter rules prove` imports it.
"""
