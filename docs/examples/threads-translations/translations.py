"""A code generator: a catalogue of messages in each language, by a pool of threads."""

import json
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

MESSAGES = {
    "welcome": "Welcome, {name}!",
    "files": "{count} files were deleted.",
    "leave": "Do you want to leave?",
}
RULE = "Keep what is in braces. Answer with the translation and nothing else."


def translate(requests, flags, *, model, workdir):
    """Write `LANGUAGE.json` for each language in `requests`."""
    client = OpenAI()  # one for all threads; finds the provider in its environment

    def ask(language, text):
        answer = client.chat.completions.create(
            model=model,
            messages=[
                {"role": "system", "content": f"You translate into {language}. {RULE}"},
                {"role": "user", "content": text},
            ],
        )
        return answer.choices[0].message.content

    if flags["TRANSLATIONS_BATCH"] == "true":  # a call for each language
        tasks = [(language, json.dumps(MESSAGES)) for language in requests]
    else:  # a call for each message
        tasks = [(language, text) for language in requests for text in MESSAGES.values()]
    with ThreadPoolExecutor(int(flags["TRANSLATIONS_THREADS"])) as pool:
        answers = iter(list(pool.map(ask, *zip(*tasks, strict=True))))
    for language in requests:
        if flags["TRANSLATIONS_BATCH"] == "true":
            catalogue = json.loads(next(answers))
        else:
            catalogue = {key: next(answers) for key in MESSAGES}
        text = json.dumps(catalogue, ensure_ascii=False, indent=1)
        (workdir / f"{language}.json").write_text(text, encoding="utf-8")
