import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeStatus } from "../status/model.ts";
import { showNodes } from "./show-status.ts";

const node = (name: string, bfd: NodeStatus["bfd"]): NodeStatus => ({
  name,
  role: "edge",
  site: "sfc",
  plane: null,
  online: true,
  certificate: null,
  agentVersion: "0.1.0",
  wantedGeneration: 1,
  generation: 1,
  epoch: 1,
  converged: true,
  sessionsUp: 2,
  sessionsWanted: 2,
  bfd,
  conditions: 0,
  refused: null,
  why: [],
});

test("an operator sees with whom BFD is up, down or not wanted", () => {
  const text = showNodes([
    node("n1", [
      { neighbour: "a", state: "up" },
      { neighbour: "b", state: "up" },
    ]),
    node("n2", [
      { neighbour: "a", state: "up" },
      { neighbour: "b", state: "down" },
    ]),
    node("n3", [{ neighbour: "a", state: "none" }]),
  ]);
  const [header = "", n1 = "", n2 = "", n3 = ""] = text.split("\n");
  assert.match(header, /SESSIONS +BFD +STATE/);
  assert.match(n1, /2\/2 +2 up +as wanted/);
  assert.match(n2, /1 up, .*down: b/);
  assert.match(n3, /2\/2 +none +as wanted/);
});
