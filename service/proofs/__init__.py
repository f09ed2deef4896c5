"""Proofs about schemes, over all their parameters and all that a lifter may do: asked for, never run while serving.

Everything is proven of formulas made from the checked, typed trees that are compiled too (`translation`), over what is
assumed of facts, parameters and state (`assumptions`). The evaluator replays a counter-example before it is told.

The package needs the solver Z3, which is a development dependency; only `spotter rules prove` imports it.
"""
