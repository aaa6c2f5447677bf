import assert from "node:assert/strict";
import { test } from "node:test";
import type { PathDetail } from "../src/api/types.ts";
import type { Network } from "../src/model/network.ts";
import { around, hopRows, nearestExpected, pathDrawing } from "../src/model/path-drawing.ts";

type Drawn = PathDetail["drawn"];

const hop = (node: string | null, address: string | null = "2001:db8::1") => ({ node, address });
const DRAWN: Drawn = {
  target: "up",
  ways: [
    {
      ...{ flows: [0, 1], kind: "plane-changed", words: "w", arrives: true, partsAt: 2, wanted: ["b2"] },
      hops: [hop("b1"), hop("g2"), hop(null), hop("xe")],
    },
  ],
  expected: [
    { text: "plane: green", nodes: [] },
    { text: "plane: blue, ...", nodes: ["e", "b1", "b2", "xe", "up"] },
  ],
};

test("a way that leaves what is allowed is astray from that hop on, and parts at the last node that was right", () => {
  const { ways, partings } = pathDrawing("e", DRAWN);
  const now = ways.find(({ kind }) => kind === "now");
  assert.deepEqual(
    now?.steps.map(({ from, to, isGap, isAstray }) => [from, to, isGap, isAstray]),
    [
      ["e", "b1", false, false],
      ["b1", "g2", false, true],
      ["g2", "xe", true, true],
      ["xe", "up", false, true],
    ],
  );
  assert.deepEqual(partings, ["b1"]);
  const expected = ways.filter(({ kind }) => kind === "expected");
  assert.deepEqual(
    expected.map(({ steps }) => steps.map(({ to }) => to)),
    [["b1", "b2", "xe", "up"]],
    "what cannot be drawn is not",
  );
});

test("the table says the same in words, hop by hop beside the expected way that is nearest", () => {
  const [way] = DRAWN.ways;
  assert.ok(way !== undefined);
  const nearest = nearestExpected(way, DRAWN.expected);
  assert.equal(nearest?.text, "plane: blue, ...");
  assert.deepEqual(
    hopRows(way, nearest?.nodes ?? null).map(({ now, expected, standing }) => [now, expected, standing]),
    [
      ["b1", "b1", "same"],
      ["g2", "b2", "parts"],
      ["2001:db8::1", "xe", "after"],
      ["xe", null, "after"],
    ],
  );
});

test("of a large network the path, and the routers beside it, are left", () => {
  const node = (name: string, role: string) =>
    ({ name, role, site: "s", plane: null }) as unknown as Network["nodes"][number];
  const link = (a: string, b: string) => ({ name: `${a}-${b}`, a, b }) as unknown as Network["links"][number];
  const network: Network = {
    sites: ["s", "empty"],
    planes: [],
    nodes: [
      ...["b1", "g2", "b2", "g1", "far"].map((name) => node(name, "plane")),
      ...["xe"].map((name) => node(name, "external-edge")),
      ...["e", "e2"].map((name) => node(name, "edge")),
      node("up", "upstream"),
    ],
    links: [link("e", "b1"), link("e2", "b1"), link("b1", "g1"), link("g1", "far"), link("xe", "up")],
  };
  const left = around(network, pathDrawing("e", DRAWN));
  assert.deepEqual(left.nodes.map(({ name }) => name).sort(), ["b1", "b2", "e", "g1", "g2", "up", "xe"]);
  assert.deepEqual(left.sites, ["s"]);
  assert.deepEqual(
    left.links.map(({ name }) => name),
    ["e-b1", "b1-g1", "xe-up"],
  );
});
