import assert from "node:assert/strict";
import { chunks } from "../chunks.mjs";

assert.deepEqual(chunks([1, 2, 3], 2), [[1, 2], [3]]);
assert.deepEqual(chunks([], 2), []);
