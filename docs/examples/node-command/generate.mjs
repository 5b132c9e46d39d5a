// A code generator in another language: one JavaScript function for each request.
// usage: node generate.mjs [--brief] [--parallel] REQUESTS.json

import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values: flags, positionals } = parseArgs({
  options: { brief: { type: "boolean" }, parallel: { type: "boolean" } },
  allowPositionals: true,
});
const STANDARD =
  "Export the function. Write a JSDoc comment with each parameter and its type. " +
  "Use const and let. Import nothing. Keep lines under 80 columns. Handle empty input. ";
const system = "You write JavaScript modules. " + (flags.brief ? "Export the function." : STANDARD.repeat(4));

async function write(request) {
  const response = await fetch(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${process.env.OPENAI_API_KEY}`,
    },
    body: JSON.stringify({
      model: process.env.MODEL,
      messages: [
        { role: "system", content: system },
        { role: "user", content: request },
      ],
    }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const answer = await response.json();
  const name = request.match(/(\w+)\(/)[1];
  await writeFile(`${name}.mjs`, answer.choices[0].message.content);
}

const requests = JSON.parse(await readFile(positionals[0], "utf8"));
if (flags.parallel) await Promise.all(requests.map(write));
else for (const request of requests) await write(request);
