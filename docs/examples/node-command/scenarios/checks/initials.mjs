import assert from "node:assert/strict";
import { initials } from "../initials.mjs";

assert.equal(initials("Ada King Lovelace"), "AKL");
assert.equal(initials(""), "");
