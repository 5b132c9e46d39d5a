"""Digests of files as context: what other files may use of them."""

import ast
import re
from functools import lru_cache

_JAVASCRIPT = re.compile(
    r"^(?:module\.exports\b.*|(?:async )?function .*|(?:const|let) [A-Z]\w* =.*|class .*)$", re.M
)


@lru_cache(maxsize=1024)  # pure, and a finished file is the context of many
def digest(path: str, text: str) -> str:
    """Return the signatures of a file of code; another text is its own digest."""
    if path.endswith(".py"):
        try:
            return _python(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError):
            return text
    if path.endswith(".js"):
        return "\n".join(_JAVASCRIPT.findall(text)) + "\n"
    return text


def _python(module: ast.Module) -> str:
    lines: list[str] = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines += [_signature(node)] if not node.name.startswith("_") else []
        elif isinstance(node, ast.ClassDef):
            lines.append(f"class {node.name}({', '.join(map(ast.unparse, node.bases))})")
            lines += [
                f"    {_signature(inner)}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
            ]
            lines += [
                f"    {ast.unparse(inner)}"
                for inner in node.body
                if isinstance(inner, ast.AnnAssign)
            ]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if not ast.unparse(target).startswith("_"):
                lines.append(ast.unparse(node))
    return "\n".join(lines) + "\n"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{word} {node.name}({ast.unparse(node.args)}){returns}"
