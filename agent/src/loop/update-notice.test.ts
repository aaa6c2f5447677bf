import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { UpdateState } from "../core/update/plan.ts";
import { updatePlaces } from "../update/places.ts";
import { writeUpdate } from "../update/state-file.ts";
import { UpdateNotice } from "./update-notice.ts";

const root = mkdtempSync(join(tmpdir(), "vsix-update-"));
after(() => rmSync(root, { recursive: true }));

test("the controller is told of an update while it lasts, and for a week how it ended", () => {
  const places = updatePlaces(join(root, "agent"));
  mkdirSync(places.directory);
  let changes = 0;
  const notice = new UpdateNotice(places, () => changes++);
  assert.deepEqual([notice.waiting.size, notice.repaired.size], [0, 0]);
  const state: UpdateState = {
    ...{ version: 1, phase: "probation", from: "1", to: "2", before: ["a"] },
    ...{ withinMs: 180_000, holdMs: 30_000, resumed: 1, atMs: Date.now() },
  };
  writeUpdate(places, state);
  assert.equal(statSync(places.state).mode & 0o777, 0o644, "the agent is another user");
  notice.read();
  assert.match(notice.waiting.get("agent update") ?? "", /2 runs on probation: 1 comes back unless all 1/);
  writeUpdate(places, { ...state, phase: "returned", reason: "a was lost" });
  notice.read();
  assert.equal(notice.waiting.size, 0);
  assert.equal(notice.repaired.get("agent update")?.reason, "1 runs again; 2 did not stay: a was lost");
  writeUpdate(places, { ...state, phase: "kept", atMs: Date.now() - 8 * 86_400_000 });
  notice.read();
  assert.equal(notice.repaired.size, 0, "long ago");
  assert.equal(changes, 3);
});
