"""Strict YAML: the documents of a text, with the line of each place."""

from dataclasses import dataclass
from typing import Any

import yaml

from flagbench_generators.kernel.problem import Place, Problem, quote


class NotYaml(ValueError):  # noqa: N818  what the text is
    """A text that is not YAML; `problem` says why."""

    def __init__(self, what: str, mark: yaml.Mark | None = None) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self.problem = Problem((), f"not YAML: {what}", line=line, column=column)
        super().__init__(str(self.problem))


@dataclass(frozen=True, slots=True)
class Document:
    """A document and the node that it was made of."""

    value: Any
    node: yaml.Node

    def at_line(self, problem: Problem) -> Problem:
        """A problem with the line and column of its place, or of the innermost one around it."""
        mark = self._node(problem.place).start_mark
        line, column = mark.line + 1, mark.column + 1
        return Problem(problem.place, problem.what, problem.expected, line, column)

    def _node(self, place: Place) -> yaml.Node:
        found = inner = self.node
        for step in place:
            if isinstance(inner, yaml.MappingNode):
                pairs = {key.value: (key, value) for key, value in inner.value}
                if step not in pairs:
                    break
                found, inner = pairs[str(step)]
            elif isinstance(inner, yaml.SequenceNode) and isinstance(step, int):
                found = inner = inner.value[step]
        return found


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), keys[0])
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {quote(twice)} occurs twice", node.start_mark
            )
        return mapping


def parse(text: str) -> list[Document]:
    """Parse the documents of a text, without empty ones. Raises `NotYaml`."""
    documents = []
    try:
        loader = _Loader(text)
        while loader.check_node() and (node := loader.get_node()) is not None:
            documents.append(Document(loader.construct_document(node), node))
    except yaml.MarkedYAMLError as error:
        raise NotYaml(str(error.problem), error.problem_mark or error.context_mark) from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise NotYaml(str(error)) from error
    return [document for document in documents if document.value is not None]
