import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { EpeEvent } from "@vsix/shared/notify/epe-event.ts";
import { pino } from "pino";
import { type Clock, systemClock } from "../clock.ts";
import { type EpeEventBody, eventOf } from "../epe/events.ts";
import { Store } from "../store/store.ts";
import { EpeTeller } from "./epe-teller.ts";

const PREFIX = "3fff:510::/32";

const move = (kind: "move" | "revert", done = true): EpeEventBody => ({
  ...{ kind, node: "blue-kote", className: "default", rule: "gain", done },
  ...{ from: "xe-sfc/beta", to: "xe-sfc/wide" },
  words: [`${PREFIX} at blue-kote, default: moves, by xe-sfc/wide, not xe-sfc/beta: surely better`, "more"],
});
const longer = (change: "begins" | "ends"): EpeEventBody => ({
  kind: "bad-path",
  what: {
    ...{ kind: "longer-as-path", change, prefix: PREFIX, peer: "xe-sfc/beta", than: "xe-sfc/wide" },
    ...{ node: undefined, evidence: "xe-sfc/beta over 5 AS", key: `longer-as-path ${PREFIX} xe-sfc/beta` },
  },
});

/** A database with a log of egress peers in it, and whoever is told of them. */
class Desk implements AsyncDisposable {
  readonly told: { readonly event: EpeEvent; readonly id: string }[] = [];
  readonly heard: string[] = [];
  nowMs = 1_000_000;
  #store: Store | undefined;
  #teller: EpeTeller | undefined;
  #keeps = true;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await mkdtemp(join(tmpdir(), "vsix-epe-teller-")));
    desk.#store = await Store.open(join(desk.#directory, "controller.db"));
    return desk;
  }

  get store(): Store {
    assert.ok(this.#store !== undefined);
    return this.#store;
  }

  /** The controller starts. `keeps`: it gets to write down how far it told. */
  async start(keeps = true): Promise<void> {
    const clock: Clock = { ...systemClock, wallMs: () => this.nowMs };
    this.#keeps = keeps;
    const { store } = this;
    const log = pino({ enabled: false });
    const teller = await EpeTeller.open({
      ...{ store, clock, log, onTold: () => {} },
      tell: (event, id) => this.told.push({ event, id }),
    });
    teller.listen(({ body }) => this.heard.push(body.kind));
    this.#teller = teller;
  }

  async happen(...bodies: readonly EpeEventBody[]): Promise<void> {
    const at = new Date(this.nowMs).toISOString();
    await this.store.transaction((tx) =>
      tx.addEpeEvents(
        bodies.map((body) => eventOf(at, body.kind === "alarm" ? "" : PREFIX, body)),
        1000,
      ),
    );
  }

  async look(): Promise<readonly string[]> {
    const had = this.told.length;
    await this.#teller?.look();
    const told = JSON.stringify(this.#teller?.told);
    if (this.#keeps) await this.store.transaction((tx) => tx.putWatchMemory("epe", told));
    return this.told.slice(had).map(({ event: { type, count } }) => `${type} ${count}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

test("people are told moves, take-backs, bad paths and alarms with their evidence, and nothing that was only observed", async () => {
  await using desk = await Desk.open();
  await desk.start();
  await desk.happen(move("move", false), { kind: "destinations", count: 3, refused: 0 });
  assert.deepEqual(await desk.look(), []);
  const alarm = { kind: "alarm", change: "begins", node: "blue-kote", object: "overrides" } as const;
  await desk.happen(move("move"), longer("begins"), { ...alarm, reason: "1 of their objects is missing" });
  assert.deepEqual(await desk.look(), ["moved 1", "bad-path 1", "alarm 1"]);
  assert.deepEqual(
    desk.told.map(({ event: { level, lines } }) => [level, lines]),
    [
      [
        "notice",
        [
          {
            prefix: PREFIX,
            node: "blue-kote",
            words: "default: xe-sfc/beta -> xe-sfc/wide; surely better",
          },
        ],
      ],
      ["warning", [{ prefix: PREFIX, words: "longer AS path: xe-sfc/beta over 5 AS" }]],
      ["alarm", [{ node: "blue-kote", words: "overrides: 1 of their objects is missing" }]],
    ],
  );
  await desk.happen(move("revert"), longer("ends"));
  assert.deepEqual(await desk.look(), ["taken-back 1", "bad-path-over 1"]);
  // Whoever listens hears each event, as it is.
  assert.equal(desk.heard.length, 7);
});

test("what nobody was told when the controller died is told by the next, and what was told twice has one id", async () => {
  await using desk = await Desk.open();
  await desk.start(false);
  await desk.happen(move("move"));
  assert.deepEqual(await desk.look(), ["moved 1"]);
  await desk.happen(longer("begins"));
  // Killed: of the first it was not written down, of the second nobody was told.
  await desk.start();
  assert.deepEqual(await desk.look(), ["moved 1", "bad-path 1"]);
  assert.equal(desk.told[0]?.id, desk.told[1]?.id);
  await desk.start();
  assert.deepEqual(await desk.look(), []);
});

test("who begins to tell is silent about what has been, and a log that was replaced by an older one is told on", async () => {
  await using desk = await Desk.open();
  await desk.happen(move("move"), move("revert"));
  await desk.start();
  assert.deepEqual(await desk.look(), []);
  const ahead = JSON.stringify({ moved: { upTo: 500, at: 0 } });
  await desk.store.transaction((tx) => tx.putWatchMemory("epe", ahead));
  await desk.start();
  await desk.happen(move("move"));
  assert.deepEqual(await desk.look(), ["moved 1"]);
});
