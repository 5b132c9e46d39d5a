"""Subjects for answers whose bytes are odd; each sends the same with both levels of the flag."""

import json

from odd_calls import Request, Subject, said, user


@Subject
async def same(request: Request) -> str:
    """One message."""
    return said(await request.chat(user(request.words)))


@Subject
async def whole(request: Request) -> str:
    """One message, and its answer but for the id."""
    response = await request.client.chat.completions.with_raw_response.create(
        model=request.model,
        messages=[{"role": "user", "content": request.words}],
    )
    document = json.loads(response.text)
    return json.dumps({**document, "id": ""})


@Subject
async def upload(request: Request) -> str:
    """A file."""
    file = await request.client.files.create(
        file=("a.jsonl", request.words.encode()), purpose="batch"
    )
    return f"# {file.bytes}"


@Subject
async def half_emoji(request: Request) -> str:
    """A message that is not Unicode."""
    return said(await request.chat(user(request.words + " \ud83d")))
