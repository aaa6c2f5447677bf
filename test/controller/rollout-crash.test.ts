import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import pino from "pino";
import type { Clock } from "../../controller/src/clock.ts";
import { parseConfig } from "../../controller/src/config.ts";
import { Controller } from "../../controller/src/controller.ts";
import type { UpMessage } from "../../controller/src/fleet/ingest.ts";
import { RolloutDriver } from "../../controller/src/jobs/rollout.ts";
import { applyFabric } from "../../controller/src/operations/apply.ts";
import type { Context } from "../../controller/src/operations/context.ts";
import type { StoreTransaction } from "../../controller/src/store/transaction.ts";

const FABRIC = join(import.meta.dirname, "../lab/fixtures/many-edges.yaml");

/** A clock that stands until it is moved. Whoever sleeps by it sleeps until the controller ends. */
class HandClock implements Clock {
  #nowMs = 1_000_000;

  wallMs(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(_ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  move(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A controller in this process, with a real store, whose jobs and fleet are driven by hand. */
class Hand implements AsyncDisposable {
  readonly clock = new HandClock();
  readonly #directory: string;
  #controller: Controller | undefined;
  #driver = new RolloutDriver();
  #beat = 0;
  /** Whether the power goes at this write, which brings the rollout there. */
  fails: (to: string) => boolean = () => false;
  /** What was stored last. */
  stored = "";

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async make(): Promise<Hand> {
    const hand = new Hand(await mkdtemp(join(tmpdir(), "vsix-rollout-")));
    await hand.start();
    const text = await readFile(FABRIC, "utf8");
    await applyFabric(hand.context, { who: "test", text, file: FABRIC, note: "", dryRun: false });
    return hand;
  }

  get context(): Context {
    assert.ok(this.#controller !== undefined);
    return this.#controller.context;
  }

  async start(): Promise<void> {
    const config = parseConfig(
      {
        stateDir: join(this.#directory, "state"),
        socket: join(this.#directory, "c.sock"),
        mqtt: { listen: { host: "127.0.0.1", port: 0 } },
      },
      "test",
    );
    this.#controller = await Controller.start(config, this.clock, pino({ level: "silent" }));
    this.#driver = new RolloutDriver();
    this.#breakable(this.context);
    // What the judge makes of measurements is tested elsewhere.
    this.context.rollouts.judge = () => () => ({ verdict: "pass", reasons: [], detail: null });
  }

  /** As after a kill: memory is gone, the database is not. */
  async restart(): Promise<void> {
    await this.#controller?.[Symbol.asyncDispose]();
    await this.start();
  }

  /** A quarter of a second in which every node speaks, every Edge follows, and the driver looks. */
  async turn(): Promise<void> {
    this.clock.move(250);
    this.#speak();
    await this.#driver.look(this.context);
  }

  /** Plane wanted, as it is stored and as it is in force. */
  async agree(when: string): Promise<void> {
    const { store, desired } = this.context;
    const [row] = await store.read.rollouts(1);
    assert.ok(row !== undefined);
    const { rollouts } = this.context;
    const { cohort, stage, step } = await rollouts.show(this.context, row.id);
    const { steer } = await store.read.intent();
    assert.deepEqual(desired.inForce?.intent.steer, steer, `${when}: memory and database`);
    for (const { edge, moved, before } of cohort)
      assert.equal(steer[edge] ?? null, moved ? "green" : before, `${when}: ${edge} in ${stage} ${step}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controller?.[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The power goes after everything is written and before it is committed. */
  #breakable({ store }: Context): void {
    const transaction = store.transaction.bind(store);
    store.transaction = <T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> =>
      transaction(async (tx) => {
        const [before] = await tx.rollouts(1);
        const result = await work(tx);
        const [after] = await tx.rollouts(1);
        if (after === undefined || after.state === before?.state) return result;
        const { stage, step, seen } = JSON.parse(after.state) as Readonly<Record<string, unknown>>;
        const to = `${stage} ${step} ${seen}`;
        if (this.fails(to)) throw new Error("the power is gone");
        this.stored = to;
        return result;
      });
  }

  #speak(): void {
    const { desired, fleet, lineage } = this.context;
    const { inForce } = desired;
    assert.ok(inForce !== undefined);
    const atMs = this.clock.monotonicMs();
    const hear = (message: UpMessage): void => {
      fleet.accept(message, { atMs, replayed: false });
    };
    const at = new Date(this.clock.wallMs()).toISOString();
    this.#beat++;
    for (const [node, { generation }] of inForce.nodes) {
      hear({
        kind: "alive",
        value: { version: 1, node, state: "online", beat: this.#beat, agentVersion: "fake", instance: "one" },
      });
      const sessions = adjacenciesOf(inForce.fabric, node).map(({ neighbour }) => {
        return { neighbour, state: "established", received: 1, accepted: 1 };
      });
      const { epoch } = lineage;
      const parts = { parts: {}, objects: {}, conditions: [], sessions };
      hear({ kind: "report", value: { version: 1, node, epoch, generation, converged: true, ...parts } });
    }
    const edges = edgesOf(inForce.fabric).map(({ name: edge }) => {
      const plane = inForce.steering.get(edge)?.plane ?? null;
      const since = { inboundSinceMs: 0, outboundSinceMs: 0 };
      return { edge, inbound: plane, outbound: plane, ...since, rttUs: 500, lost: 0 };
    });
    hear({ kind: "observation", value: { version: 1, node: "xe-sfc", at, edges } });
  }
}

const REQUEST = {
  who: "test",
  to: "green",
  steps: "1,50%,100%",
  edges: ["edge-1", "edge-2", "edge-3", "edge-4", "edge-5", "edge-6"],
  labels: {},
  canaries: ["edge-2"],
  intervalMs: 1000,
  moveMs: 5000,
  deadlineMs: 3_600_000,
  failureLimit: 1,
  baselineNow: false,
  metrics: {},
  note: "",
  dryRun: false,
};

async function ended(hand: Hand, turns = 400): Promise<string> {
  for (let i = 0; i < turns && hand.context.rollouts.running.length > 0; i++) await hand.turn();
  return (await hand.context.rollouts.show(hand.context, 1)).stage;
}

test("the power goes at every transition of a rollout, once before its commit and once after: it still ends well, and at no time half", async () => {
  await using hand = await Hand.make();
  await hand.turn();
  await hand.context.rollouts.create(hand.context, REQUEST);
  const failed = new Set<string>();
  hand.fails = (to) => {
    const first = to !== hand.stored && !failed.has(to);
    if (first) failed.add(to);
    return first;
  };
  let starts = 0;
  for (let i = 0; i < 400 && hand.context.rollouts.running.length > 0; i++) {
    const [stored, fails] = [hand.stored, failed.size];
    await hand.turn();
    await hand.agree(`after ${hand.stored}`);
    if (hand.stored === stored && failed.size === fails) continue;
    starts++;
    await hand.restart();
    await hand.agree(`started anew after ${hand.stored}`);
  }
  assert.ok(starts >= 20, `started anew ${starts} times`);
  assert.equal(await ended(hand), "done");
  const { steer } = await hand.context.store.read.intent();
  assert.deepEqual(new Set(Object.values(steer)), new Set(["green"]));
  assert.equal(Object.keys(steer).length, 6);
});

test("an abort whose commit fails has changed nothing, and the next one leads everybody back", async () => {
  await using hand = await Hand.make();
  await hand.turn();
  const { rollouts } = hand.context;
  await rollouts.create(hand.context, REQUEST);
  while ((await rollouts.show(hand.context, 1)).step < 2) await hand.turn();
  hand.fails = (to) => to.startsWith("going-back");
  const abort = { type: "abort", who: "ann", why: "" } as const;
  await assert.rejects(rollouts.act(hand.context, 1, abort), /the power is gone/);
  await hand.agree("after the abort that failed");
  hand.fails = () => false;
  assert.equal((await rollouts.show(hand.context, 1)).stage, "step");
  assert.equal((await rollouts.act(hand.context, 1, abort)).stage, "going-back");
  await hand.restart();
  await hand.agree("started anew on the way back");
  assert.equal(await ended(hand), "aborted");
  assert.deepEqual((await hand.context.store.read.intent()).steer, {});
});

test("the deadline goes on while the controller is away, and a wall clock that went back adds nothing", async () => {
  await using hand = await Hand.make();
  await hand.turn();
  await hand.context.rollouts.create(hand.context, { ...REQUEST, deadlineMs: 60_000 });
  while ((await hand.context.rollouts.show(hand.context, 1)).step < 1) await hand.turn();
  hand.clock.move(-3_600_000);
  await hand.restart();
  const { ageMs } = await hand.context.rollouts.show(hand.context, 1);
  assert.ok(ageMs < 60_000, `${ageMs} ms`);
  hand.clock.move(3_600_000);
  await hand.restart();
  await hand.turn();
  const late = await hand.context.rollouts.show(hand.context, 1);
  assert.equal(late.stage, "going-back");
  assert.match(late.why, /not done within its deadline of 60 s/);
  assert.equal(await ended(hand), "aborted");
});

test("the judge is asked while people have paused it, and a judge that throws has not said yes", async () => {
  await using hand = await Hand.make();
  await hand.turn();
  const { rollouts } = hand.context;
  await rollouts.create(hand.context, REQUEST);
  while ((await rollouts.show(hand.context, 1)).stage !== "step") await hand.turn();
  await rollouts.act(hand.context, 1, { type: "pause", who: "ann" });
  let asked = 0;
  rollouts.judge = () => (question) => {
    asked++;
    assert.deepEqual(question.moved, ["edge-2"]);
    if (asked < 4) throw new Error("no table of samples");
    if (asked === 4) return { verdict: "hold", reasons: [], detail: null, memory: { looks: 1 } };
    assert.deepEqual(question.memory, { looks: 1 }, "what it said to remember");
    return { verdict: "fail", reasons: ["2 of 100 lost"], detail: { lost: 2, of: 100 } };
  };
  while (asked < 3) await hand.turn();
  assert.match(
    (await rollouts.show(hand.context, 1)).verdict?.reasons.join() ?? "",
    /the judge failed: no table/,
  );
  while (asked < 5) await hand.turn();
  assert.equal(await ended(hand), "aborted");
  assert.match((await rollouts.show(hand.context, 1)).why, /the judge says no: 2 of 100 lost/);
  const events = await hand.context.store.read.rolloutEvents(1);
  assert.ok(
    events.some(({ kind, body }) => kind === "verdict" && body.includes('"detail":{"lost":2,"of":100}')),
  );
});

test("a rollout that this version cannot read keeps nobody from starting or steering", async () => {
  await using hand = await Hand.make();
  await hand.turn();
  await hand.context.rollouts.create(hand.context, REQUEST);
  const row = await hand.context.store.read.rollout(1);
  assert.ok(row !== undefined);
  await hand.context.store.transaction((tx) => tx.putRollout({ ...row, state: '{"version":9}' }));
  await hand.restart();
  assert.deepEqual(hand.context.rollouts.running, []);
  assert.deepEqual(await hand.context.rollouts.list(hand.context, 10), []);
  await hand.turn();
  assert.equal((await hand.context.rollouts.create(hand.context, REQUEST)).id, 2);
});
