"""The job of a request: what its luck depends on, which is the task and not the wording.

Two prompts that ask for the same file of the same specification, with the same material, get the
same random numbers, so that a change of wording is measured as such and not as another draw.
"""

from collections.abc import Mapping
from typing import Any

from flagbench.simulator.prompt_parser import Prompt, schema_of_answer

_NOT_LUCK = ("messages", "max_tokens", "max_completion_tokens")
"""Parts of a body that do not count: the wording, and limits that only cut an answer."""


def job_of(body: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """The job of a request, for `Rng.of`.

    It has the parameters of the call, the task, the kind of file, the specification, the words of a
    recognition, and code and issues without white space. A prompt without a known task is its own
    job.
    """
    if prompt.task == "other":
        return dict(body)
    return {
        "parameters": parameters_of(body),
        "task": prompt.task,
        "kind": prompt.kind,
        "words": " ".join(prompt.request.split()) if prompt.task == "recognise" else "",
        "specification": prompt.order.subject()
        if prompt.order
        else repr(prompt.shape or prompt.project),
        "material": [_dense(text) for text in (prompt.current, prompt.rejected, *prompt.issues)],
    }


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call that are part of a job. A schema of the answer is wording."""
    parameters = {name: value for name, value in body.items() if name not in _NOT_LUCK}
    if schema_of_answer(body) is not None:
        parameters["response_format"] = {"type": "json_object"}
    return parameters


def rest_of_job(job: Mapping[str, Any], shown: str) -> dict[str, Any]:
    """The job of a request for the rest of an answer."""
    return {"rest of": job, "shown": shown}


def _dense(text: str) -> str:
    return "".join(text.split())
