import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";
import { Dice, mutate } from "./mutate.ts";
import { FUZZ_TARGETS, type FuzzTarget } from "./targets.ts";

/** Another one each day; what failed is repeated with `npm run fuzz -- NAME --seed N`. */
const SEED = Math.floor(Date.now() / 86_400_000);

for (const target of FUZZ_TARGETS)
  test(`${target.name}: spoiled input ends in a value or a typed error`, () => {
    // A target that refuses what is well-formed is not tested.
    assert.ok(target.seeds.some((seed) => isTaken(target, seed)));
    const { fault } = fuzz(target, 20_000, SEED);
    assert.equal(fault, null, `seed ${SEED}: ${JSON.stringify(fault)}`);
  });

function isTaken(target: FuzzTarget, seed: Uint8Array): boolean {
  try {
    target.run(seed);
    return true;
  } catch {
    return false;
  }
}

test("a decoder that reads past its end is caught", () => {
  const bad = {
    name: "bad",
    throws: [],
    seeds: [Uint8Array.of(2, 1, 2)],
    run: (bytes: Uint8Array) => {
      const count = bytes[0] ?? 0;
      for (let i = 1; i <= count; i++) if (bytes[i] === undefined) throw new RangeError("past the end");
    },
  };
  const { fault } = fuzz(bad, 1_000, 1);
  assert.match(fault?.error ?? "", /past the end/);
});

test("the same seed gives the same cases", () => {
  const seeds = [Uint8Array.of(1, 2, 3, 4)];
  const run = (): string[] => {
    const dice = new Dice(7);
    return Array.from({ length: 50 }, () => Buffer.from(mutate(seeds, dice)).toString("hex"));
  };
  assert.deepEqual(run(), run());
  assert.ok(new Set(run()).size > 30);
});
