"""An application that stands still while the body of a test runs, but not in fixtures and hooks.

Its functions then raise, or return at once without a value. A test that passes in both cases does
not depend on the application.
"""

import ast
import builtins
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

RAISES, RETURNS = "raises", "returns"
_TESTS = "tests"
_GUARD = "__stands_still__"
# Of Node.js: a program to be loaded first, and the file that says that it had an effect.
NODE_FILE, NODE_MARK = ".standstill.js", ".standstill"
NODE_PROGRAM = """
const fs = require('node:fs');
const { ServerResponse } = require('node:http');
const Module = require('node:module');
const path = require('node:path');
const tests = require('node:test');
const raises = '%(how)s' === 'raises';
const mark = path.resolve('%(mark)s');
const folder = process.cwd() + path.sep;
const load = Module._load;
let still = false;

/** Raise, or return nothing; a request gets no answer. */
function stop(given) {
  const answer = given.find((each) => each instanceof ServerResponse);
  if (answer) answer.destroy();
  else if (raises) throw new Error('the application stands still');
}

/** What a file of the application exports, with functions that can stand still. */
function shell(exported) {
  return new Proxy(exported, {
    apply: (own, self, given) => (still ? stop(given) : Reflect.apply(own, self, given)),
    construct: (own, given) => (still ? stop(given) || {} : Reflect.construct(own, given)),
    get(own, name) {
      const value = Reflect.get(own, name);
      const described = Reflect.getOwnPropertyDescriptor(own, name);
      const isFixed = described && !described.configurable && !described.writable;
      const isOwn = typeof value === 'function' && value !== Function.prototype[name];
      return isOwn && typeof name !== 'symbol' && !isFixed ? shell(value) : value;
    },
  });
}

/** The body of a test, during which the application stands still. */
function during(body) {
  const begin = () => { still = true; };
  const end = () => { still = false; };
  if (body.length > 1) {
    return function run(context, done) {
      begin();
      return body.call(this, context, (...given) => { end(); done(...given); });
    };
  }
  return async function run(...given) {
    begin();
    try { return await body.apply(this, given); } finally { end(); }
  };
}

const test = (...given) => tests(
  ...given.map((each) => (typeof each === 'function' ? during(each) : each)));
Object.assign(test, tests, { test, it: test });

Module._load = (request, parent, isMain) => {
  const exported = load(request, parent, isMain);
  if (exported === tests) {
    fs.writeFileSync(mark, '');
    return test;
  }
  if (exported === null || !['object', 'function'].includes(typeof exported)) return exported;
  const file = Module._resolveFilename(request, parent, isMain);
  const isOwn = file.startsWith(folder) && !file.startsWith(`${folder}%(tests)s${path.sep}`);
  return isOwn && !isMain ? shell(exported) : exported;
};
"""


class StandsStill(Exception):  # noqa: N818  what the application does
    """A call of a function that stands still."""


class Standstill:
    """The switch of everything that is imported from now on from files other than tests."""

    def __init__(self, how: str) -> None:
        self.is_on = False
        self._how = how
        folder = Path.cwd()
        compiled = SourceFileLoader.source_to_code

        def source_to_code(loader: Any, data: Any, path: Any, **options: Any) -> Any:
            place = Path(path)
            if place.is_relative_to(folder) and not place.is_relative_to(folder / _TESTS):
                data = _guarded(data)
            return compiled(loader, data, path, **options)

        SourceFileLoader.source_to_code = source_to_code  # type: ignore[assignment, method-assign]
        setattr(builtins, _GUARD, self._guard)

    def _guard(self) -> bool:
        if self.is_on and self._how == RAISES:
            raise StandsStill
        return self.is_on


def node_program(how: str) -> str:
    """The program for Node.js."""
    return NODE_PROGRAM % {"how": how, "mark": NODE_MARK, "tests": _TESTS}


def _guarded(source: bytes) -> ast.Module:
    """The tree of a module whose functions ask first whether they stand still."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body.insert(0, _leave())
    return ast.fix_missing_locations(tree)


def _leave() -> ast.stmt:
    return ast.If(
        test=ast.Call(func=ast.Name(id=_GUARD, ctx=ast.Load()), args=[], keywords=[]),
        body=[ast.Return()],
        orelse=[],
    )
