import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { pino } from "pino";
import { systemClock } from "../clock.ts";
import { GATHER_MS, OwnTeller, SAME_MS, type ToldApplication } from "./own-teller.ts";

interface Application extends ToldApplication {
  readonly note: string;
}

/** A teller of a user with one application, on a clock that is moved by hand. */
function makeBench(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 0;
  const bench = {
    use: 0,
    note: "first",
    reads: 0,
    said: [] as string[],
    /** Undefined: reads are answered at once. */
    gate: undefined as PromiseWithResolvers<void> | undefined,
    isBroken: false,
    pass: async (ms: number): Promise<void> => {
      nowMs += ms;
      t.mock.timers.tick(ms);
      // A look awaits its reading and ends in the turns after it.
      await turn();
    },
  };
  const teller = new OwnTeller<Application>({
    clock: { ...systemClock, monotonicMs: () => nowMs },
    log: pino({ enabled: false }),
    read: async () => {
      bench.reads++;
      if (bench.isBroken) throw new Error("not now");
      const now = { id: 1, routers: [], use: bench.use, note: bench.note };
      await bench.gate?.promise;
      return [now];
    },
    told: () => ({ routers: [], use: bench.use }),
    say: ([application]) => bench.said.push(`${application?.note} ${application?.use}`),
  });
  return { bench, teller };
}

test("routers that tell the same of a user cost no question to the database; what is otherwise is said", async (t) => {
  const { bench, teller } = makeBench(t);
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  assert.deepEqual([bench.reads, bench.said], [1, ["first 0"]]);
  for (let i = 0; i < 20; i++) {
    teller.soon("told");
    await bench.pass(GATHER_MS);
  }
  assert.equal(bench.reads, 1);
  bench.use = 5;
  teller.soon("told");
  await bench.pass(GATHER_MS);
  assert.deepEqual([bench.reads, bench.said], [2, ["first 0", "first 5"]]);
  teller.stop();
});

test("what no router tells is said at once where it was decided, and within seconds where it was not", async (t) => {
  const { bench, teller } = makeBench(t);
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  bench.note = "decided";
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  assert.equal(bench.said.at(-1), "decided 0");
  bench.note = "by itself";
  for (let ms = 0; ms <= SAME_MS; ms += GATHER_MS) {
    teller.soon("told");
    await bench.pass(GATHER_MS);
  }
  assert.equal(bench.said.at(-1), "by itself 0");
  assert.equal(bench.reads, 3);
  teller.stop();
});

test("what routers tell while the database is read is said after it", async (t) => {
  const { bench, teller } = makeBench(t);
  bench.gate = Promise.withResolvers();
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  bench.use = 7;
  teller.soon("told");
  bench.gate.resolve();
  await turn();
  assert.deepEqual(bench.said, ["first 0"]);
  await bench.pass(GATHER_MS);
  assert.deepEqual(bench.said, ["first 0", "first 7"]);
  teller.stop();
});

test("a reading that failed is done again at the next telling, whatever it tells; after the end nothing is said", async (t) => {
  const { bench, teller } = makeBench(t);
  bench.isBroken = true;
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  assert.deepEqual([bench.reads, bench.said], [1, []]);
  bench.isBroken = false;
  teller.soon("told");
  await bench.pass(GATHER_MS);
  assert.deepEqual(bench.said, ["first 0"]);
  teller.soon("wanted");
  teller.stop();
  bench.note = "too late";
  await bench.pass(GATHER_MS);
  teller.soon("wanted");
  await bench.pass(GATHER_MS);
  assert.deepEqual(bench.said, ["first 0"]);
});
