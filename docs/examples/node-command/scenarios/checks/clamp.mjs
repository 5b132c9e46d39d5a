import assert from "node:assert/strict";
import { clamp } from "../clamp.mjs";

assert.deepEqual([clamp(-1, 0, 9), clamp(5, 0, 9), clamp(10, 0, 9)], [0, 5, 9]);
