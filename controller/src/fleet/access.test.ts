import assert from "node:assert/strict";
import { test } from "node:test";
import { mayAccess } from "./access.ts";

test("a client publishes only what nodes say and hears only one node's documents", () => {
  const may = (action: "publish" | "subscribe", topic: string) =>
    mayAccess({ action, topic, node: undefined });
  for (const kind of [
    "alive",
    "report",
    "observation",
    "counters",
    "quality",
    "trace",
    "egress",
    "egress-routes",
    "health",
    "access",
    "machine",
    "dns",
  ])
    assert.ok(may("publish", `vsix/v1/a/${kind}`));
  for (const topic of [
    "vsix/v1/a/manifest",
    "vsix/v1/a/dns-ack",
    "vsix/v1/a/part/00",
    "$SYS/x",
    "x",
    "vsix/v1/a/alive/x",
    "vsix/v1/A/alive",
  ])
    assert.equal(may("publish", topic), false, topic);
  for (const topic of [
    "vsix/v1/a/dns-ack",
    "vsix/v1/a/manifest",
    "vsix/v1/a/part/+",
    "vsix/v1/a/part/00",
    "vsix/v1/a/report",
  ])
    assert.ok(may("subscribe", topic), topic);
  for (const topic of [
    "#",
    "vsix/#",
    "vsix/v1/+/manifest",
    "vsix/v1/a/#",
    "vsix/v1/a/part/#",
    "vsix/v1/a/part",
  ])
    assert.equal(may("subscribe", topic), false, topic);
});

test("a node touches nothing of another node", () => {
  const may = (action: "publish" | "subscribe", topic: string) => mayAccess({ action, topic, node: "a" });
  assert.ok(may("publish", "vsix/v1/a/report"));
  assert.ok(may("subscribe", "vsix/v1/a/part/+"));
  assert.equal(may("publish", "vsix/v1/b/report"), false);
  assert.equal(may("subscribe", "vsix/v1/b/manifest"), false);
  assert.equal(may("subscribe", "vsix/v1/b/part/+"), false);
});
