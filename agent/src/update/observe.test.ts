import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ControlSocket } from "../io/control-socket.ts";
import { askReach } from "./observe.ts";

const GOOD = { controller: true, report: { converged: true, sessions: [], more: "of a later version" } };
const BAD = [
  null,
  7,
  [],
  {},
  { controller: "yes", report: GOOD.report },
  { controller: true, report: { sessions: 1 } },
];

test("an agent that answers something else is taken for one that does not answer", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vsix-observe-"));
  const path = join(directory, "agent.sock");
  let answer: unknown;
  const socket = await ControlSocket.listen(path, async (command) =>
    command === "reach" ? answer : "another question",
  );
  try {
    answer = GOOD;
    assert.deepEqual(await askReach(path), GOOD);
    for (answer of BAD) assert.equal(await askReach(path), undefined, JSON.stringify(answer));
  } finally {
    await socket[Symbol.asyncDispose]();
  }
  assert.equal(await askReach(path), undefined, "nobody is there");
  rmSync(directory, { recursive: true });
});
