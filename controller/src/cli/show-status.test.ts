import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeStatus } from "../status/model.ts";
import { showNodes, showServices } from "./show-status.ts";

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
  service: null,
  conditions: 0,
  refused: null,
  why: [],
  warnings: [],
});

test("a service that does not work is withdrawn, and says why; who has none has no line", () => {
  const service = {
    kind: "resolver",
    announces: ["2001:db8:53::53/128"],
    working: true,
    since: "2026-01-01T00:00:00.000Z",
    reason: "",
    starts: 1,
    looks: 100,
    failed: 3,
  };
  const reason = "AAAA of ipv4only.arpa: ETIMEOUT";
  const text = showServices([
    { ...node("n1", []), service },
    { ...node("n2", []), service: { ...service, working: false, reason } },
    node("n3", []),
  ]);
  const [header = "", n1 = "", n2 = "", ...rest] = text.split("\n");
  assert.match(header, /SERVICE +NODE +SITE +STATE/);
  assert.match(n1, /resolver +n1 .*works.* 2001:db8:53::53\/128 +3\/100/);
  assert.match(n2, /does not work.* withdrawn .*ETIMEOUT/);
  assert.deepEqual(rest, []);
  assert.equal(showServices([node("n3", [])]), "");
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
