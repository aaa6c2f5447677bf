import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "@vsix/shared/contract/up.ts";
import fc from "fast-check";
import { sessionsWith } from "./sessions.ts";

const session = fc.record({
  neighbour: fc.constantFrom("edge-1", "edge-1.2", "edge-2", "__proto__"),
  state: fc.constantFrom("established", "idle"),
  received: fc.nat(),
  accepted: fc.nat(),
});

test("sessions with a neighbour are those that a filter of the report would give, in its order", () => {
  const report: Report = {
    ...{ version: 1, node: "blue", epoch: 1, generation: 1, parts: {}, converged: true },
    ...{ objects: {}, conditions: [], sessions: [] },
  };
  fc.assert(
    fc.property(fc.array(session), session, (sessions, { neighbour }) => {
      const told = { ...report, sessions };
      const wanted = sessions.filter((one) => one.neighbour === neighbour);
      for (let ask = 0; ask < 2; ask++) assert.deepEqual(sessionsWith(told, neighbour), wanted);
    }),
  );
});
