"""No file imports another in a circle, imports for type checkers included; layers alone do not see that."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


def circle_of(imports: dict[str, set[str]]) -> list[str]:
    """The modules of a circle, the first again at the end; empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_imports_another_in_a_circle() -> None:
    graph = grimp.build_graph("service", "workers", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 150
    assert circle_of(imports) == []


@pytest.mark.parametrize("imports", [{"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_a_circle_is_found(imports: dict[str, set[str]]) -> None:
    assert set(circle_of(imports)) == imports.keys()
