"""Files on a desk: a small ERD, its rules, and people who answer as a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flagbench_generators.django_rest.erd import Erd
from flagbench_generators.django_rest.request_spec import Project
from flagbench_generators.django_rest.review_queue import QueuedFile
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.review import Review
from flagbench_generators.kernel.rule import RuleBook, load_rules

SHOP = Project(
    Erd.model_validate(
        {
            "name": "shop",
            "entities": [
                {
                    "name": "Customer",
                    "fields": [
                        {"name": "email", "type": "email", "unique": True},
                        {"name": "note", "type": "text", "null": True},
                    ],
                    "relations": [
                        {"name": "friend", "kind": "foreign_key", "to": "Customer", "null": True},
                    ],
                },
                {"name": "OrderLine", "fields": [{"name": "amount", "type": "integer"}]},
            ],
        }
    )
)
RULES = """
- {id: a, kind: required, pattern: 'class {entity}\\b', weight: 3.0, message: "class {entity}"}
- {id: b, kind: required, pattern: '{field} =', per: field, message: "{entity} has no {field}"}
- {id: c, kind: forbidden, pattern: 'eval\\(', per: project, message: "no eval"}
- {id: d, kind: forbidden, pattern: 'odd', confidence: 0.5, per: project, message: "is odd"}
- {id: e, kind: required, pattern: '^"{3}', per: project, layer: practice, message: "a docstring"}
"""
GOOD = '''"""Models."""


class Customer:
    email = 1
    note = 2


class OrderLine:
    amount = 3
'''
WITHOUT_NOTE = GOOD.replace("    note = 2\n", "")
BROKEN = "class Customer(:\n"


def rules(folder: Path) -> RuleBook:
    """The rules above."""
    path = folder / "models.yaml"
    path.write_text(RULES)
    return load_rules(path)


def job(kind: str = "models") -> Job:
    """The job of an agent."""
    agent = Agent(kind=kind, role="", task="", path=f"api/{kind}.py", heading=kind)
    return Job(agent, SHOP, "words", (), "")


@dataclass
class Attentive:
    """A person who approves everything and remembers each sitting."""

    sittings: list[list[str]] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)

    async def review(
        self, files: Sequence[QueuedFile], approved: Sequence[str]
    ) -> Sequence[Review]:
        """Approve."""
        self.told.append(list(approved))
        self.sittings.append([one.job.agent.kind for one in files])
        return [Review(approved=True) for _ in files]
