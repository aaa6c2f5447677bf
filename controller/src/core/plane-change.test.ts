import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileAll } from "./compile.ts";
import { diffParts } from "./diff.ts";
import { NO_INTENT } from "./intent.ts";
import { takePlane } from "./plane-change.ts";

const text = readFileSync(new URL("../../../test/lab/fixtures/triangles.yaml", import.meta.url), "utf8");

function fabricOf(...changes: readonly (readonly [string | RegExp, string])[]): Fabric {
  const changed = changes.reduce((all, [from, to]) => {
    const after = all.replace(from, to);
    assert.notEqual(after, all, `${from} is in the file`);
    return after;
  }, text);
  const parsed = parseFabric(changed, "x.yaml");
  assert.ok(parsed.ok, parsed.ok ? "" : JSON.stringify(parsed.faults));
  return parsed.fabric;
}

const inForce = fabricOf();
const COST = ["[green-sfc, green-note], cost: 10", "[green-sfc, green-note], cost: 25"] as const;
const BLUE_COST = ["[blue-sfc, blue-note], cost: 10", "[blue-sfc, blue-note], cost: 15"] as const;

/** Nodes whose documents differ, and whether only in who answers from which address. */
function changedIn(after: Fabric): ReadonlyMap<string, "hops" | "more"> {
  const [old, now] = [compileAll(inForce, NO_INTENT), compileAll(after, NO_INTENT)];
  return new Map(
    [...new Set([...old.keys(), ...now.keys()])].flatMap((node) => {
      const lines = diffParts(old.get(node), now.get(node));
      if (lines.length === 0) return [];
      return [[node, lines.every((line) => line.includes(" probes hops ")) ? "hops" : "more"]];
    }),
  );
}

function taken(file: Fabric, plane = "green") {
  const result = takePlane(inForce, file, plane);
  assert.ok(result.ok, result.ok ? "" : result.reasons.join("\n"));
  return result;
}

function refused(file: Fabric, plane = "green"): string {
  const result = takePlane(inForce, file, plane);
  assert.ok(!result.ok, "it was taken");
  return result.reasons.join("\n");
}

test("a link's cost changes its two routers and nobody else", () => {
  const { fabric, held } = taken(fabricOf(COST));
  assert.deepEqual(held, []);
  assert.deepEqual(
    changedIn(fabric),
    new Map([
      ["green-sfc", "more"],
      ["green-note", "more"],
    ]),
  );
});

test("a second link, and a new router, are told to the plane; others learn only who answers from where", () => {
  const links =
    "links:\n  - { ends: [green-sfc, green-note], cost: 5 }\n  - { ends: [green-west, green-sfc] }\n";
  const node = "nodes:\n  green-west: { id: 8, role: plane, plane: green, site: kote }\n";
  const { fabric } = taken(fabricOf(["links:\n", links], ["nodes:\n", node]));
  const changed = changedIn(fabric);
  assert.equal(changed.get("green-west"), "more");
  assert.equal(changed.get("xe-note"), "hops");
  assert.deepEqual(
    [...changed.keys()].filter((name) => name.startsWith("blue")),
    [],
  );
});

test("what the file changes in another plane waits, and is said", () => {
  const { fabric, held } = taken(fabricOf(COST, BLUE_COST));
  assert.deepEqual(held, ["the link blue-sfc--blue-note would change"]);
  assert.deepEqual(changedIn(fabric), changedIn(taken(fabricOf(COST)).fabric));
  assert.deepEqual(
    [...changedIn(taken(fabricOf(COST, BLUE_COST), "blue").fabric).keys()],
    ["blue-sfc", "blue-note"],
  );
});

test("labels are nobody's document, and wait too", () => {
  const { held } = taken(
    fabricOf([/(id: 101,[^}]*)prefers: blue/, "$1prefers: blue, labels: { tier: gold }"]),
  );
  assert.deepEqual(held, ["edge-1: labels"]);
});

test("what touches somebody else is refused, each with what it is", () => {
  const far = "{ id: 32, role: upstream, site: note, as: 2501, software: bird, prefixes: [3fff:260::/32] }";
  const cases: readonly (readonly [file: Fabric, reason: RegExp])[] = [
    [
      fabricOf(["intervalMs: 50", "intervalMs: 100"]),
      /^what is measured: of the whole network, not of green$/,
    ],
    [fabricOf(["policies:", "policies:\n  holdS: 3"]), /^the policies: of the whole network/],
    [
      fabricOf([/(id: 101,[^}]*)prefers: blue/, "$1prefers: green"]),
      /^edge-1 would change: it is not of green$/,
    ],
    [
      fabricOf(["[edge-7, green-sfc]", "[edge-7, green-note], crossSite: true"]),
      /the link edge-7--green-sfc would be gone: one end.*\n.*edge-7--green-note would be new/,
    ],
    [
      fabricOf(["green-sfc: { id: 4,", "green-sfc: { id: 9,"]),
      /green-sfc would change: one end of it is not of green/,
    ],
    [
      fabricOf(["  wide:", `  far: ${far}\n  wide:`], ["links:\n", "links:\n  - { ends: [xe-note, far] }\n"]),
      /far would be new: it is not of green/,
    ],
  ];
  for (const [file, reason] of cases) assert.match(refused(file), reason);
});

test("a new router may not take what a held one still has", () => {
  const file = fabricOf(
    ["blue-kote: { id: 2,", "blue-kote: { id: 9,"],
    ["nodes:\n", "nodes:\n  green-west: { id: 2, role: plane, plane: green, site: kote }\n"],
    ["links:\n", "links:\n  - { ends: [green-west, green-sfc] }\n"],
  );
  assert.match(
    refused(file),
    /green-west and blue-kote would both have the id 2|blue-kote and green-west would both have the id 2/,
  );
});

test("a file without a change takes nothing", () => {
  assert.deepEqual([...changedIn(taken(inForce).fabric).keys()], []);
});
