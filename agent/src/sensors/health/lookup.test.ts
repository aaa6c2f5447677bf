import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUp } from "./lookup.ts";

test("a resolver that there is no way to is a fault, and ends nothing else", async () => {
  // connect(2) says EACCES at once: a broadcast address wants SO_BROADCAST. Elsewhere it is ENETUNREACH, by the same path.
  const question = { name: "ipv4only.arpa", type: "AAAA", dnssec: false } as const;
  const { addresses, fault } = await lookUp("255.255.255.255", question, AbortSignal.timeout(30_000));
  assert.deepEqual([addresses, fault], [[], "unreachable (EACCES)"]);
});
