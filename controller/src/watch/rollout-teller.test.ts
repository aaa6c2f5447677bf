import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { RolloutEvent } from "@vsix/shared/notify/rollout-event.ts";
import { pino } from "pino";
import { advance, beginRollout, type RolloutEvent as Happening } from "../core/release/rollout.ts";
import type { RolloutState } from "../core/release/rollout-state.ts";
import { recordChange, saveState } from "../operations/rollout-record.ts";
import type { RolloutTable } from "../store/schema.ts";
import { Store } from "../store/store.ts";
import { RolloutTeller } from "./rollout-teller.ts";

const SETTINGS = {
  intervalMs: 0,
  rehearsalMs: 0,
  moveMs: 1000,
  deadlineMs: 3_600_000,
  failureLimit: 1,
  baselineNow: true,
};
const TICK: Happening = { type: "tick", astray: [] };
const PASS: Happening = { type: "verdict", verdict: "pass", reasons: [] };
const NO: Happening = { type: "verdict", verdict: "fail", reasons: ["loss of far: 3 %"] };

/** A database with rollouts in it, and whoever is told of them. */
class Desk implements AsyncDisposable {
  readonly told: { readonly id: string; readonly event: RolloutEvent }[] = [];
  readonly #directory: string;
  readonly #states = new Map<number, { readonly row: RolloutTable; readonly state: RolloutState }>();
  #store: Store | undefined;
  #teller: RolloutTeller | undefined;
  #nowMs = 1000;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await mkdtemp(join(tmpdir(), "vsix-teller-")));
    desk.#store = await Store.open(join(desk.#directory, "controller.db"));
    return desk;
  }

  get store(): Store {
    assert.ok(this.#store !== undefined);
    return this.#store;
  }

  /** The controller starts. `keeps`: it gets to write down how far it told. */
  async start(keeps: boolean): Promise<void> {
    const { store } = this;
    const teller: RolloutTeller = await RolloutTeller.open({
      store,
      log: pino({ level: "silent" }),
      tell: (event, id) => this.told.push({ id, event }),
      onTold: () => {
        if (keeps) this.#kept = JSON.stringify(teller.told);
      },
    });
    this.#teller = teller;
  }

  #kept: string | undefined;

  async look(): Promise<readonly string[]> {
    const had = this.told.length;
    this.#teller?.look();
    await this.#teller?.[Symbol.asyncDispose]();
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined) await this.store.transaction((tx) => tx.putWatchMemory("rollouts", kept));
    return this.told.slice(had).map(({ event }) => event.type);
  }

  async begin(id: number, failureLimit = 1): Promise<void> {
    const members = ["edge-1", "edge-2", "edge-3"].map((edge) => ({ edge, before: null }));
    const steps = [
      { text: "1", size: 1 },
      { text: "100%", size: 3 },
    ];
    const state = beginRollout({
      id,
      from: "blue",
      to: "green",
      settings: { ...SETTINGS, failureLimit },
      members,
      steps,
    });
    const at = new Date(this.#nowMs).toISOString();
    const row = { id, author: "alice", note: "", created_at: at, saved_at: at, ended_at: null, state: "" };
    await this.store.transaction(async (tx) => {
      await recordChange(tx, state, "alice", "created", this.#nowMs);
      this.#states.set(id, { row: await saveState(tx, row, state, this.#nowMs), state });
    });
  }

  async happen(id: number, ...events: readonly Happening[]): Promise<void> {
    for (const event of events) {
      this.#nowMs += 1000;
      const before = this.#states.get(id);
      assert.ok(before !== undefined);
      const done = advance(before.state, event, before.state.ageMs + 1);
      assert.ok(done.ok);
      await this.store.transaction(async (tx) => {
        if (done.told !== "") await recordChange(tx, done.state, "controller", done.told, this.#nowMs);
        const row = await saveState(tx, before.row, done.state, this.#nowMs);
        this.#states.set(id, { row, state: done.state });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

test("of a rollout people are told its start, that it goes back and why, and its end; of nothing between", async () => {
  await using desk = await Desk.open();
  await desk.start(true);
  await desk.begin(1);
  assert.deepEqual(await desk.look(), ["started"]);
  assert.deepEqual(await desk.look(), []);
  // Baseline, there, back, step 1, step 2.
  await desk.happen(1, PASS, TICK, PASS, TICK, PASS, TICK, PASS, TICK);
  assert.deepEqual(await desk.look(), []);
  await desk.happen(1, NO);
  assert.deepEqual(await desk.look(), ["going-back"]);
  const { event } = desk.told.at(-1) ?? {};
  assert.deepEqual(
    { ...event, at: 0 },
    {
      type: "going-back",
      level: "alarm",
      rollout: 1,
      from: "blue",
      to: "green",
      step: 2,
      steps: 2,
      edges: 3,
      movedBefore: 3,
      moved: 0,
      who: "controller",
      words: "the judge says no: loss of far: 3 %",
      at: 0,
    },
  );
  await desk.happen(1, TICK);
  assert.deepEqual(await desk.look(), ["aborted"]);
});

test("a failed verdict that a rollout bears is told too, each once", async () => {
  await using desk = await Desk.open();
  await desk.start(true);
  await desk.begin(1, 3);
  await desk.happen(1, PASS, TICK, NO);
  assert.deepEqual(await desk.look(), ["started", "verdict-failed"]);
  await desk.happen(1, PASS, TICK, NO);
  assert.deepEqual(await desk.look(), ["verdict-failed"]);
  assert.equal(desk.told.at(-1)?.event.words, "the judge says no, 2 of 3 times: loss of far: 3 %");
  await desk.happen(1, NO);
  assert.deepEqual(await desk.look(), ["going-back"]);
});

test("what nobody was told when the controller died is told by the next, and what was told twice has one id", async () => {
  await using desk = await Desk.open();
  await desk.start(false);
  await desk.begin(1);
  assert.deepEqual(await desk.look(), ["started"]);
  await desk.happen(1, PASS, TICK, NO);
  // Killed: of the first it was not written down, of the second nobody was told.
  await desk.start(true);
  assert.deepEqual(await desk.look(), ["started", "going-back"]);
  assert.equal(desk.told[0]?.id, desk.told[1]?.id);
  await desk.start(true);
  assert.deepEqual(await desk.look(), []);
  await desk.happen(1, TICK);
  assert.deepEqual(await desk.look(), ["aborted"]);
});

test("rollouts beside each other are told each for itself, and who begins to tell is silent about what has been", async () => {
  await using desk = await Desk.open();
  await desk.begin(1);
  await desk.begin(2);
  await desk.happen(1, { type: "abort", who: "alice", why: "" });
  await desk.start(true);
  assert.deepEqual(await desk.look(), []);
  await desk.begin(3);
  await desk.happen(2, { type: "abort", who: "bob", why: "too late" });
  assert.deepEqual(await desk.look(), ["aborted", "started"]);
  assert.deepEqual(
    desk.told.map(({ event: { rollout, words } }) => `${rollout} ${words}`),
    ["2 aborted by bob: too late", "3 created"],
  );
  await desk.happen(3, PASS, TICK, PASS, TICK, PASS, TICK, PASS, TICK, PASS);
  assert.deepEqual(await desk.look(), ["done"]);
  assert.equal(desk.told.at(-1)?.event.moved, 3);
});
