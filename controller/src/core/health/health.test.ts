import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health, HealthState } from "@vsix/shared/contract/up-health.ts";
import { comparePlanes, compareSites, worstLayers } from "./compare.ts";
import { layerStates, lettersOf, statesOf } from "./layers.ts";
import { FIRST_MOOD, nextMood, readMood } from "./mood.ts";
import { shortRun } from "./short-run.ts";

function run(
  layers: Partial<Record<"local" | "names" | "planes", HealthState>>,
  checks: Health["checks"] = [],
): Health {
  return {
    version: 1,
    node: "n",
    instance: "i",
    run: 1,
    startedMs: 0,
    tookMs: 5,
    state: "good",
    verdicts: [],
    layers: (["local", "names", "planes"] as const).map((layer) => ({
      layer,
      state: layers[layer] ?? "good",
    })),
    checks,
  };
}

test("states of layers survive as letters, also when layers were added since", () => {
  const states = layerStates([
    { layer: "datalink", state: "good" },
    { layer: "web", state: "bad" },
    { layer: "clock", state: "poor" },
  ]);
  assert.equal(lettersOf(states), "g----b---p");
  assert.deepEqual(statesOf(lettersOf(states)), states);
  assert.deepEqual(statesOf("g"), layerStates([{ layer: "datalink", state: "good" }]));
});

test("people are told when two runs in a row say the same, bad or well, and once", () => {
  const turns: string[] = [];
  let mood = FIRST_MOOD;
  for (const state of [
    "bad",
    "good",
    "bad",
    "unknown",
    "bad",
    "bad",
    "poor",
    "bad",
    "good",
    "poor",
    "good",
  ] as const) {
    const next = nextMood(mood, state);
    mood = readMood(JSON.stringify(next.mood));
    turns.push(next.turned ?? "-");
  }
  assert.deepEqual(turns, ["-", "-", "-", "-", "bad", "-", "-", "-", "-", "good", "-"]);
  assert.deepEqual(readMood("nonsense"), FIRST_MOOD);
});

test("sites are compared layer by layer, planes by all who look at them", () => {
  const blue = {
    layer: "planes",
    subject: "b",
    state: "good",
    text: "",
    us: 1000,
    lossPercent: 0,
    plane: "blue",
  } as const;
  const green = { ...blue, subject: "g", state: "bad", lossPercent: 100, plane: "green" } as const;
  const { us: _us, ...silent } = green;
  const told = [
    { site: "sfc", health: run({ names: "bad" }, [blue, silent]) },
    { site: "sfc", health: run({ names: "poor" }, [{ ...blue, us: 3000 }]) },
    { site: "note", health: run({ planes: "unknown" }) },
  ];
  const [note, sfc] = compareSites(told);
  assert.deepEqual([note?.site, sfc?.site, sfc?.nodes], ["note", "sfc", 2]);
  assert.deepEqual(sfc?.layers.names, { looked: 2, poor: 1, bad: 1 });
  assert.deepEqual(note?.layers.planes, { looked: 0, poor: 0, bad: 0 });
  assert.equal(sfc?.us.planes, 3000);
  assert.deepEqual(comparePlanes(told), [
    { plane: "blue", looked: 2, poor: 0, bad: 0, us: 3000, lossPercent: 0 },
    { plane: "green", looked: 1, poor: 0, bad: 1, us: null, lossPercent: 100 },
  ]);
});

test("the worst layers of a time come first, and layers that were well not at all", () => {
  const letters = (names: HealthState, web: HealthState): string =>
    lettersOf(
      layerStates([
        { layer: "names", state: names },
        { layer: "web", state: web },
      ]),
    );
  const seen = [
    { node: "a", layers: letters("good", "good"), runs: 6 },
    { node: "a", layers: letters("bad", "unknown"), runs: 2 },
    { node: "b", layers: letters("poor", "bad"), runs: 4 },
    { node: "gone", layers: letters("bad", "bad"), runs: 9 },
  ];
  const site = new Map([
    ["a", "sfc"],
    ["b", "note"],
  ]);
  assert.deepEqual(
    worstLayers(seen, (node) => site.get(node)),
    [
      { site: "note", layer: "web", looked: 4, poor: 0, bad: 4 },
      { site: "sfc", layer: "names", looked: 8, poor: 0, bad: 2 },
      { site: "note", layer: "names", looked: 4, poor: 4, bad: 0 },
    ],
  );
});

test("of a run its verdicts and the median times of its layers and planes are kept", () => {
  const check = { layer: "planes", subject: "b", state: "good", text: "", plane: "blue" } as const;
  const short = shortRun(run({}, [{ ...check, us: 5 }, { ...check, us: 1 }, { ...check, us: 9 }, check]));
  assert.deepEqual([short.us, short.planeUs, short.tookMs], [{ planes: 5 }, { blue: 5 }, 5]);
});
