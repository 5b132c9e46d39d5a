"""Subjects that call a model through the real SDKs, one a client: the table of docs/clients.md.

Each sets `said`. Tokens are those of `vendors.py` where the vendor reports them, None where they
are counted.
"""

from dataclasses import dataclass

from vendors import COMPLETION_TOKENS, PROMPT_TOKENS

REPORTED = PROMPT_TOKENS + COMPLETION_TOKENS
_SHAPE = """
from pydantic import BaseModel
class Person(BaseModel):
    name: str
    age: int
"""
_MESSAGES = "messages=[{'role': 'user', 'content': 'hello'}]"
_SHAPED = "messages=[{'role': 'user', 'content': 'give a shape'}]"
_TOOL = """
parameters = {"type": "object", "properties": {"name": {"type": "string"}}}
tool = {"type": "function", "function": {"name": "meet", "parameters": parameters}}
"""
_URL = "base_url + '/chat/completions'"
_BODY = "json={'model': 'gpt-4o-mini', " + _MESSAGES.replace("messages=", "'messages': ") + "}"
_AUTH = "headers={'authorization': 'Bearer ' + os.environ['OPENAI_API_KEY']}"
_ROOT = "base_url.removesuffix('/v1')"


@dataclass(frozen=True)
class Call:
    """The body of a subject with one call, and what it says.

    `since` is the first version of the package that has the call.
    """

    packages: str
    code: str
    said: str = "the answer to: hello"
    is_async: bool = False
    tokens: int | None = None
    since: str = "0"


CALLS = {
    # openai
    "openai: chat": Call("openai", f"""
import openai
done = openai.OpenAI().chat.completions.create(model="gpt-4o-mini", {_MESSAGES})
said = done.choices[0].message.content
"""),
    "openai: chat, async": Call("openai", f"""
import openai
done = await openai.AsyncOpenAI().chat.completions.create(model="gpt-4o-mini", {_MESSAGES})
said = done.choices[0].message.content
""", is_async=True),
    "openai: stream": Call("openai", f"""
import openai
chunks = openai.OpenAI().chat.completions.create(model="gpt-4o-mini", stream=True, {_MESSAGES})
said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices).strip()
"""),
    "openai: stream, async": Call("openai", f"""
import openai
client = openai.AsyncOpenAI()
chunks = await client.chat.completions.create(model="gpt-4o-mini", stream=True, {_MESSAGES})
said = "".join([c.choices[0].delta.content or "" async for c in chunks if c.choices]).strip()
""", is_async=True),
    "openai: tools": Call("openai", f"""
import openai
{_TOOL}
done = openai.OpenAI().chat.completions.create(model="gpt-4o-mini", tools=[tool], {_SHAPED})
said = done.choices[0].message.tool_calls[0].function.arguments
""", said='{"name": "Ada", "age": 36}'),
    "openai: parse": Call("openai", f"""
import openai
{_SHAPE}
done = openai.OpenAI().chat.completions.parse(
    model="gpt-4o-mini", response_format=Person, {_SHAPED})
said = done.choices[0].message.parsed.name
""", said="Ada", since="1.92"),
    "openai: Responses": Call("openai", """
import openai
said = openai.OpenAI().responses.create(model="gpt-4o-mini", input="hello").output_text
""", since="1.66"),
    "openai: Responses, stream": Call("openai", """
import openai
with openai.OpenAI().responses.create(model="gpt-4o-mini", input="hello", stream=True) as events:
    said = "".join(e.delta for e in events if e.type == "response.output_text.delta")
""", since="1.66"),
    "openai: embeddings": Call("openai", """
import openai
done = openai.OpenAI().embeddings.create(model="text-embedding-3-small", input="hello")
said = str(done.data[0].embedding)
""", said="[0.5, -0.5]"),
    "openai: with_raw_response": Call("openai", f"""
import openai
client = openai.OpenAI().chat.completions.with_raw_response
done = client.create(model="gpt-4o-mini", {_MESSAGES})
assert done.status_code == 200
said = done.parse().choices[0].message.content
"""),
    "openai: Azure": Call("openai", f"""
import openai
client = openai.AzureOpenAI(api_version="2024-10-21")
done = client.chat.completions.create(model="gpt-4o-mini", {_MESSAGES})
said = done.choices[0].message.content
"""),
    # anthropic
    "anthropic: sync": Call("anthropic", f"""
import anthropic
done = anthropic.Anthropic().messages.create(model="claude-4", max_tokens=9, {_MESSAGES})
said = done.content[0].text
""", tokens=REPORTED),
    "anthropic: async": Call("anthropic", f"""
import anthropic
client = anthropic.AsyncAnthropic()
done = await client.messages.create(model="claude-4", max_tokens=9, {_MESSAGES})
said = done.content[0].text
""", is_async=True, tokens=REPORTED),
    "anthropic: stream": Call("anthropic", f"""
import anthropic
client = anthropic.Anthropic()
with client.messages.stream(model="claude-4", max_tokens=9, {_MESSAGES}) as stream:
    said = "".join(stream.text_stream).strip()
""", tokens=REPORTED),
    "anthropic: tools": Call("anthropic", f"""
import anthropic
tool = {{"name": "meet", "input_schema": {{"type": "object"}}}}
done = anthropic.Anthropic().messages.create(
    model="claude-4", max_tokens=9, tools=[tool], {_SHAPED})
said = done.content[0].input["name"]
""", said="Ada", tokens=REPORTED),
    # google-genai
    "google-genai: sync": Call("google.genai", """
from google import genai
client = genai.Client()
done = client.models.generate_content(model="gemini-3", contents="hello")
said = done.text
""", tokens=REPORTED),
    "google-genai: async": Call("google.genai", """
from google import genai
client = genai.Client()
done = await client.aio.models.generate_content(model="gemini-3", contents="hello")
said = done.text
""", is_async=True, tokens=REPORTED),
    "google-genai: stream": Call("google.genai", """
from google import genai
client = genai.Client()
chunks = client.models.generate_content_stream(model="gemini-3", contents="hello")
said = "".join(chunk.text for chunk in chunks)
""", tokens=REPORTED),
    # requests, urllib3, aiohttp, httpx by hand
    "requests": Call("requests", f"""
import os, requests
done = requests.post({_URL}, {_BODY}, {_AUTH})
done.raise_for_status()
said = done.json()["choices"][0]["message"]["content"]
"""),
    "requests: Session, iter_lines": Call("requests", f"""
import json, os, requests
body = {{**dict({_BODY})["json"], "stream": True}}
with requests.Session() as session:
    done = session.post({_URL}, json=body, {_AUTH}, stream=True)
    events = [json.loads(line[6:]) for line in done.iter_lines() if line.startswith(b"data: {{")]
said = "".join(e["choices"][0]["delta"].get("content", "") for e in events if e["choices"]).strip()
"""),
    "requests: a key in the query (Gemini)": Call("requests", f"""
import os, requests
url = {_ROOT} + "/v1beta/models/gemini-3:generateContent"
body = {{"contents": [{{"parts": [{{"text": "hello"}}]}}]}}
done = requests.post(url, params={{"key": os.environ["GEMINI_API_KEY"]}}, json=body)
done.raise_for_status()
said = done.json()["candidates"][0]["content"]["parts"][0]["text"]
""", tokens=REPORTED),
    "requests: x-api-key (Anthropic)": Call("requests", f"""
import os, requests
headers = {{"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}}
body = dict(model="claude-4", max_tokens=9, {_MESSAGES})
done = requests.post(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json=body, headers=headers)
done.raise_for_status()
said = done.json()["content"][0]["text"]
""", tokens=REPORTED),
    "urllib3": Call("urllib3", f"""
import os, urllib3
done = urllib3.PoolManager().request("POST", {_URL}, {_BODY}, {_AUTH})
said = done.json()["choices"][0]["message"]["content"]
"""),
    "aiohttp": Call("aiohttp", f"""
import os, aiohttp
async with aiohttp.ClientSession() as session:
    async with session.post({_URL}, {_BODY}, {_AUTH}) as done:
        done.raise_for_status()
        said = (await done.json())["choices"][0]["message"]["content"]
""", is_async=True),
    "aiohttp: content.iter_any": Call("aiohttp", f"""
import json, os, aiohttp
async with aiohttp.ClientSession() as session, session.post({_URL}, {_BODY}, {_AUTH}) as done:
    body = b"".join([part async for part in done.content.iter_any()])
said = json.loads(body)["choices"][0]["message"]["content"]
""", is_async=True),
    "httpx": Call("httpx", f"""
import os, httpx
done = httpx.post({_URL}, {_BODY}, {_AUTH})
said = done.json()["choices"][0]["message"]["content"]
"""),
    # frameworks
    "langchain-openai": Call("langchain_openai", """
from langchain_openai import ChatOpenAI
said = ChatOpenAI(model="gpt-4o-mini").invoke("hello").content
"""),
    "langchain-openai: async": Call("langchain_openai", """
from langchain_openai import ChatOpenAI
said = (await ChatOpenAI(model="gpt-4o-mini").ainvoke("hello")).content
""", is_async=True),
    "pydantic-ai: typed output": Call("pydantic_ai", f"""
from pydantic_ai import Agent
{_SHAPE}
agent = Agent("openai-chat:gpt-4o-mini", output_type=Person)
said = (await agent.run("give a shape")).output.name
""", said="Ada", is_async=True),
    "openai-agents": Call("agents", """
from agents import Agent, Runner
said = (await Runner.run(Agent(name="a", model="gpt-4o-mini"), "hello")).final_output
""", is_async=True),
    "litellm": Call("litellm", f"""
import litellm
done = litellm.completion(model="gpt-4o-mini", {_MESSAGES})
said = done.choices[0].message.content
"""),
    "litellm: async": Call("litellm", f"""
import litellm
done = await litellm.acompletion(model="gpt-4o-mini", {_MESSAGES})
said = done.choices[0].message.content
""", is_async=True),
    "litellm: anthropic": Call("litellm", f"""
import litellm
done = litellm.completion(model="anthropic/claude-4", {_MESSAGES})
said = done.choices[0].message.content
""", tokens=REPORTED),
}  # fmt: skip
