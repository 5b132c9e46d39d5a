"""Protocol of a defect: injection into code, detection and fix."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.rng import Rng

KINDS = ("database", "backend", "frontend", "tests")
EXPERIMENT = "gesad-lab/baes_berk_20251103, 600 FastAPI route modules"
OTHER_GENERATORS = "gesad-lab/baes_berk_20251103, the other two generators"
ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class ReviewRemark:
    """A problem in a review: its line (from 1) and a sentence."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class View:
    """A file with its syntax tree; `tree` is None and `error` set where it does not parse."""

    code: str
    kind: str
    shape: Shape
    tree: ast.Module | None
    error: SyntaxError | None

    @classmethod
    def of(cls, code: str, kind: str, shape: Shape) -> "View":
        """Parse the code; a syntax error is kept, not raised."""
        tree, error = None, None
        try:
            tree = ast.parse(code)
        except SyntaxError as problem:
            error = problem
        except ValueError as problem:
            error = SyntaxError(str(problem))
        return cls(code, kind, shape, tree, error)

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.code.split("\n")

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods, in no particular order; none where the code does not parse."""
        nodes = ast.walk(self.tree) if self.tree else iter(())
        return [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]

    def line_with(self, text: str) -> int:
        """The first line that holds the text, 1 where none does."""
        return next((n for n, line in enumerate(self.lines, 1) if text in line), 1)


def inject_nothing(code: str, _: Shape, __: Rng) -> str:
    """Inject nothing."""
    return code


def read_as_specified(shape: Shape, _: Rng) -> Shape:
    """Read the specification without an error."""
    return shape


def find_nothing(_: View) -> Sequence[ReviewRemark]:
    """Find nothing."""
    return ()


def fix_nothing(_: View) -> str:
    """Fix nothing; the caller then writes the whole file again."""
    return ""


@dataclass(frozen=True, slots=True)
class Told:
    """The rate of a defect under a prompt that orders it, or that does not ask for what it breaks.

    It holds where `words` match the orders of a prompt, or with `absent` where they do not.
    """

    words: re.Pattern[str]
    rate: float
    source: str
    absent: bool = False

    def holds(self, orders: str) -> bool:
        """True for a prompt with these orders."""
        return (self.words.search(orders) is None) == self.absent


@dataclass(frozen=True, slots=True)
class Defect:
    """A class of errors in written code.

    `rates` gives the chance per first draft for each kind of artifact that can have it, with its
    `source`, and `told` another one for certain prompts; `sensitivity` is the chance that a review
    reports it, with its own source. `words` matches an issue that names it. A defect either
    misreads the specification (`misread`) or changes the written code (`inject`). `fix` returns the
    fixed code, or "" where it cannot.
    """

    name: str
    rates: Mapping[str, float]
    source: str
    sensitivity: float
    sensitivity_source: str
    words: re.Pattern[str]
    inject: Callable[[str, Shape, Rng], str] = inject_nothing
    misread: Callable[[Shape, Rng], Shape] = read_as_specified
    find: Callable[[View], Sequence[ReviewRemark]] = find_nothing
    fix: Callable[[View], str] = fix_nothing
    told: Told | None = None

    def rate(self, kind: str, orders: str) -> float:
        """The chance in a first draft of a kind under a prompt with these orders."""
        told = self.told is not None and self.told.holds(orders)
        return self.told.rate if self.told and told else self.rates[kind]

    def is_ordered(self, orders: str) -> bool:
        """True where the prompt asks for the defect itself."""
        return self.told is not None and not self.told.absent and self.told.holds(orders)


def route_method(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """`get`, `post`, ... of a decorated route function, "" for any other."""
    call = route_call(function)
    return call.func.attr if call and isinstance(call.func, ast.Attribute) else ""


def route_call(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Call | None:
    """The decorator call that makes a function a route."""
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr in {"get", "post", "put", "patch", "delete"}
        ):
            return decorator
    return None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names of a route's parameters; "" for a missing one."""

    payload: str
    connection: str
    path_id: str


def body_parameters(view: View, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Parameters:
    """Find the parameters for the request body, the connection and the id in the path."""
    models = {node.name for node in ast.walk(function) if isinstance(node, ast.ClassDef)}
    models |= {n.name for n in (view.tree.body if view.tree else ()) if isinstance(n, ast.ClassDef)}
    payload = connection = path_id = ""
    for argument in (*function.args.args, *function.args.kwonlyargs):
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        if annotation in models and not payload and not annotation.endswith("Repository"):
            payload = argument.arg
        elif "sqlite3.Connection" in annotation or annotation in {"Db", "Connection"}:
            connection = argument.arg
        elif argument.arg == view.shape.id_name or (annotation == "int" and not path_id):
            path_id = argument.arg
    return Parameters(payload, connection, path_id)
