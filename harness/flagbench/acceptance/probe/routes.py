"""The routes that a running application says it has, whatever its framework."""

import gc
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# A method and a path with {} for each parameter; "" stands for every method.
Route = tuple[str, str]

_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>")
# The file that Express' routes are written to, and the one that writes them.
NODE_LIST_FILE, NODE_PROGRAM_FILE = ".routes.json", ".routes.js"


def routes_of(application: Any) -> list[Route] | None:
    """The routes of an application, or of those that it wraps; None where no list is known."""
    found = [application] if _lister(application) else []
    found = found or [each for each in gc.get_objects() if _lister(each)]
    if not found:
        return None
    return sorted({
        (method, _PARAMETER.sub("{}", path))
        for each in found
        for lister in [_lister(each)] if lister
        for method, path in lister(each)
    })  # fmt: skip


def _lister(value: Any) -> Callable[[Any], Iterator[Route]] | None:
    """The function that lists the routes of a value; None if it is something else."""
    for (module, name), lister in _LISTERS.items():
        kind = getattr(sys.modules.get(module), name, None)
        # A proxy may claim any class.
        if kind is not None and issubclass(type(value), kind):
            return lister
    return None


def _of_starlette(application: Any, before: str = "") -> Iterator[Route]:
    yield from _of_routes(application.routes, before)


def _of_routes(routes: Any, before: str) -> Iterator[Route]:
    # FastAPI includes routers when they are asked for.
    unfold = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", iter)
    for route in unfold(routes):
        path = before + getattr(route, "path", "")
        inner = getattr(getattr(route, "original_route", route), "routes", None)
        if inner:
            yield from _of_routes(inner, path)
        else:
            for method in getattr(route, "methods", None) or ("",):
                yield method, path


def _of_flask(application: Any) -> Iterator[Route]:
    for rule in application.url_map.iter_rules():
        for method in rule.methods or ("",):
            yield method, rule.rule


def _of_django(_: Any) -> Iterator[Route]:
    from django.urls import get_resolver  # noqa: PLC0415  only where Django serves

    yield from _of_patterns(get_resolver().url_patterns, "/")


def _of_patterns(patterns: Any, before: str) -> Iterator[Route]:
    from django.utils.regex_helper import normalize  # noqa: PLC0415  as above

    for pattern in patterns:
        for text, names in normalize(pattern.pattern.regex.pattern):
            path = before + text % dict.fromkeys(names, "{}")
            inner = getattr(pattern, "url_patterns", None)
            yield from [("", path)] if inner is None else _of_patterns(inner, path)


_LISTERS: Mapping[tuple[str, str], Callable[[Any], Iterator[Route]]] = {
    ("starlette.applications", "Starlette"): _of_starlette,
    ("flask", "Flask"): _of_flask,
    ("django.core.handlers.base", "BaseHandler"): _of_django,
}
# What Node.js loads before the service: it notes the applications, and lists their routes when one
# of them has begun to listen.
NODE_PROGRAM = """
const fs = require('node:fs');
const net = require('node:net');
const target = '.routes.json';
let application = {};
try { ({ application } = require('express')); } catch { /* the service says so itself */ }
const known = [];
const { init } = application;
const { listen } = net.Server.prototype;
application.init = function (...given) { known.push(this); return init.apply(this, given); };
function* within(stack, before) {
  for (const { route, rawPath, handle } of stack) {
    for (const path of [].concat(rawPath)) {
      const own = path instanceof RegExp ? path.source.replace(/[\\\\^$]/g, '') : path;
      const whole = `${before}/${own}`.replace(/\\/+/g, '/');
      if (route) {
        for (const method of Object.keys(route.methods)) {
          yield [method === '_all' ? '' : method.toUpperCase(), whole];
        }
      } else if (handle.stack) yield* within(handle.stack, whole);
      else if (own !== '/') yield ['', whole];
    }
  }
}
const parameter = /[:*](?:\\w+|"[^"]*")/g;
function list() {
  const found = known.flatMap((each) => [...within(each.router.stack, each.path())]);
  return known.length
    ? found.map(([method, path]) => [method, path.replace(/[{}]/g, '').replace(parameter, '{}')])
    : null;
}
net.Server.prototype.listen = function (...given) {
  const server = listen.apply(this, given);
  setImmediate(() => {
    let routes = null;
    try { routes = list(); } catch { /* none is known */ }
    fs.writeFileSync(`${target}.new`, JSON.stringify(routes));
    fs.renameSync(`${target}.new`, target);
  });
  return server;
};
"""
