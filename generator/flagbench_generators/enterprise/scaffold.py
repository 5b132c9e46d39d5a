"""Files around the generated ones: packages and requirements."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.form import BriefErrors
from flagbench_generators.enterprise.project import Project
from flagbench_generators.enterprise.read_brief import read_brief


def scaffold_of(requests: Sequence[str]) -> Mapping[str, str]:
    """The files around those of briefs, by path; of a brief that is wrong, none."""
    files: dict[str, str] = {}
    for request in requests:
        try:
            files |= _scaffold(read_brief(request))
        except BriefErrors:  # its problems are those of the session
            continue
    return files


def _scaffold(project: Project) -> Mapping[str, str]:
    framework = project.framework
    if framework.family == "node":
        package = {
            "name": project.name,
            "version": "1.0.0",
            "private": True,
            "scripts": {"start": framework.start, "test": "node --test"},
            "dependencies": framework.requirements,
        }
        return {"package.json": json.dumps(package, indent=2) + "\n"}
    modules = (
        PurePosixPath(agent.path) for agent in agents_of(project) if agent.path.endswith(".py")
    )
    folders = {str(folder) for module in modules for folder in module.parents} - {"."}
    packages = {f"{folder}/__init__.py": "" for folder in sorted(folders)}
    return {**packages, "requirements.txt": "".join(f"{line}\n" for line in framework.requirements)}
