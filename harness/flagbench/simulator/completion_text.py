"""The text of an answer to a prompt, with its defects and fences."""

import json
import re

from flagbench.simulator.crud.defects import Chances, View, draft, named_in
from flagbench.simulator.crud.patching import patch
from flagbench.simulator.crud.recognition import recognition_answer
from flagbench.simulator.crud.reviewer import review
from flagbench.simulator.django.defects import named_in as backend_issue
from flagbench.simulator.django.draft import draft as backend_draft
from flagbench.simulator.django.patching import patch as patch_backend
from flagbench.simulator.django.specification import Project
from flagbench.simulator.enterprise.answer import Files
from flagbench.simulator.prompt_parser import Prompt
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

PROSE_BEFORE = 0.17
"""Share of fenced answers with a sentence before the fence: 4,185 raw completions of ghspec."""
PROSE_AFTER = 0.07
"""Share of fenced answers with a sentence after the fence: the same completions."""

_BEFORE = (
    "Here is the complete file:",
    "Here's the code for the requested module:",
    "Below is the implementation that follows the specification.",
    "Sure! Here is the file:",
)
_AFTER = (
    "This code follows the given specification and standard.",
    "Let me know if you need any changes.",
    "The file is complete and can be used as it is.",
)
REFUSAL = "I'm sorry, but I can't help with that request."


def content(prompt: Prompt, draws: Rng, settings: ProviderSettings) -> str:
    """The message content for a prompt."""
    if draws.chance("refusal", settings.refusals):
        return json.dumps({"error": REFUSAL}) if prompt.json else REFUSAL
    if prompt.task == "recognise":
        inner = draws.within("recognise")
        text = recognition_answer(prompt.request, prompt.orders, inner, settings.defects)
    elif prompt.project is not None and prompt.task in {"generate", "regenerate", "patch"}:
        return _backend_file(prompt, prompt.project, draws, settings)
    elif prompt.shape is None or prompt.task == "other":
        text = _fallback(prompt)
    elif prompt.task == "review":
        view = View.of(prompt.current, prompt.kind, prompt.shape)
        text = review(
            view,
            prompt.orders,
            draws.within("review"),
            oversights=settings.oversights,
            false_alarms=settings.false_alarms,
        )
    elif prompt.task == "patch":
        inner = draws.within("patch")
        text, blocks = patch(prompt.kind, prompt.shape, prompt.current, prompt.issues, inner)
        return in_fence(text, "", draws, settings.fences) if blocks else text
    else:
        issues = prompt.issues if prompt.task == "regenerate" else ()
        defects = (named_in(issue, prompt.kind) for issue in issues)
        named = {defect.name for defect in defects if defect}
        inner = draws.within("draft")
        chances = Chances(settings.defects, settings.rates, prompt.orders, frozenset(named))
        code = draft(prompt.kind, prompt.shape, inner, chances)
        return in_fence(code, "python", draws, settings.fences)
    return _break_json(text, draws) if _breaks_json(prompt, draws, settings) else text


def _backend_file(prompt: Prompt, project: Project, draws: Rng, settings: ProviderSettings) -> str:
    """A file of a Django backend, or the blocks that patch one."""
    kind = prompt.kind
    if prompt.task == "patch":
        inner = draws.within("patch")
        text, blocks = patch_backend(kind, project, prompt.current, prompt.issues, inner)
        return in_fence(text, "", draws, settings.fences) if blocks else text
    named = [backend_issue(issue, kind, project) for issue in prompt.issues]
    code = backend_draft(kind, project, draws.within("draft"), settings.defects, named)
    return in_fence(code, "python", draws, settings.fences)


def components(files: Files, draws: Rng, settings: ProviderSettings) -> str:
    """The message content for a prompt that asks for files of an enterprise backend.

    Several files are always in fences.
    """
    if draws.chance("refusal", settings.refusals):
        return REFUSAL
    if not files.is_one:
        return files.of_several(draws, settings.defects)
    text, language, ticks = files.of_one(settings.defects)
    return in_fence(text, language, draws, settings.fences, ticks)


def in_fence(text: str, language: str, draws: Rng, fences: float, ticks: int = 3) -> str:
    """The text in a Markdown fence, sometimes with prose, or bare without the final newline."""
    text = text.rstrip("\n")
    if not draws.chance("fence", fences):
        return text
    before = after = ""
    if draws.chance("prose before", PROSE_BEFORE):
        before = f"{draws.pick('before', _BEFORE)}\n\n"
    if draws.chance("prose after", PROSE_AFTER):
        after = f"\n\n{draws.pick('after', _AFTER)}"
    mark = "`" * ticks
    return f"{before}{mark}{language}\n{text}\n{mark}{after}"


def _breaks_json(prompt: Prompt, draws: Rng, settings: ProviderSettings) -> bool:
    return prompt.json and draws.chance("invalid json", settings.invalid_json)


def _break_json(text: str, draws: Rng) -> str:
    """The JSON with one of the errors that models make; none of the results parses."""
    way = draws.pick("invalid json way", ("cut", "quotes", "comma", "prose"))
    if way == "cut":
        return text.rstrip().removesuffix("}")
    if way == "quotes":
        return text.replace('"', "'")
    if way == "comma":
        return re.sub(r"}\s*$", ",}", text)
    return f"Here is the JSON object you asked for:\n{text}"


def _fallback(prompt: Prompt) -> str:
    """A plausible answer to a prompt with none of the known tasks."""
    if prompt.json:
        return json.dumps({"answer": "ok"})
    return (
        "def main() -> None:\n"
        '    """Entry point; extend it as the task requires."""\n'
        '    print("Hello, world!")\n\n\n'
        'if __name__ == "__main__":\n'
        "    main()"
    )
