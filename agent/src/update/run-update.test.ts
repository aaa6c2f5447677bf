import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_RESUMED, stepOf, type UpdateState, type Which } from "../core/update/plan.ts";
import { runUpdate, settleUpdate, type UpdateHost } from "./run-update.ts";

/** How a version is. */
type Nature =
  | "good"
  | "exits"
  | "mute"
  | "loses-late"
  | "loses-tunnel"
  | "does-not-install"
  | "kills-machine";

const BEFORE = ["BGP session with a", "agent", "controller", "tunnel t"];
const FIRST: UpdateState = {
  ...{ version: 1, phase: "installing", from: "1", to: "2", before: BEFORE },
  ...{ withinMs: 60_000, holdMs: 20_000, resumed: 0, atMs: 0 },
};

class PowerCut extends Error {}

/** A machine whose disk outlives it; each thing done to it is a moment at which power may go. */
class Machine {
  disk: UpdateState | undefined = FIRST;
  /** What is installed: whole, or parts of both. */
  installed: Which | "parts" = "previous";
  cleared = false;
  moments = 0;
  cutAt = Number.POSITIVE_INFINITY;
  readonly told: string[] = [];
  readonly #nature: Nature;
  #nowMs = 0;
  #startedMs = 0;
  #lives = 0;

  constructor(nature: Nature) {
    this.#nature = nature;
  }

  #moment(): void {
    if (++this.moments >= this.cutAt) throw new PowerCut();
  }

  /** Throws once power is gone, whatever caught it before. */
  mustLive(): void {
    if (this.moments >= this.cutAt) throw new PowerCut();
  }

  host(): UpdateHost {
    return {
      read: () => this.disk,
      write: (state) => {
        this.#moment();
        this.disk = state;
        this.#moment();
      },
      install: async (which) => {
        this.#moment();
        this.installed = "parts";
        this.#moment();
        if (which === "new" && this.#nature === "does-not-install")
          throw new Error("a dependency is missing");
        this.installed = which;
        this.#moment();
        this.start();
      },
      look: async () => {
        this.#moment();
        return { reached: this.#reached(), life: String(this.#lives) };
      },
      clear: async () => {
        this.#moment();
        this.cleared = true;
      },
      tell: async ({ phase }) => {
        this.told.push(phase);
      },
      wallMs: () => this.#nowMs,
      nowMs: () => this.#nowMs,
      sleep: async (ms) => {
        this.mustLive();
        this.#nowMs += ms;
      },
    };
  }

  start(): void {
    this.#lives++;
    this.#startedMs = this.#nowMs;
  }

  #reached(): readonly string[] {
    const aliveMs = this.#nowMs - this.#startedMs;
    const nature = this.installed === "previous" ? "good" : this.#nature;
    if (this.installed === "parts") return [];
    if (nature === "kills-machine") throw new PowerCut();
    if (nature === "exits") return BEFORE.filter((one) => one.startsWith("tunnel"));
    if (aliveMs < 3_000) return ["tunnel t"];
    if (nature === "mute") return BEFORE.filter((one) => one !== "controller");
    if (nature === "loses-tunnel") return BEFORE.filter((one) => one !== "tunnel t");
    if (nature === "loses-late" && aliveMs > 15_000) return BEFORE.filter((one) => one !== "tunnel t");
    return BEFORE;
  }
}

/** As the machine boots: what is half there is settled, the agent starts, the watcher goes on. */
async function bootUntilOver(machine: Machine, cuts: readonly number[]): Promise<void> {
  for (let boot = 0; !machine.cleared; boot++) {
    assert.ok(boot < cuts.length + 2 * MAX_RESUMED + 4, "it comes to an end");
    machine.cutAt = machine.moments + (cuts[boot] ?? Number.POSITIVE_INFINITY);
    try {
      await settleUpdate(machine.host());
      machine.mustLive();
      assert.notEqual(machine.installed, "parts", "nothing that is half installed is started");
      machine.start();
      await runUpdate(machine.host());
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }
}

const SPOILED: readonly Nature[] = [
  "exits",
  "mute",
  "loses-late",
  "loses-tunnel",
  "does-not-install",
  "kills-machine",
];

test("a good version stays, and each spoiled one goes back by itself and says what was lost", async () => {
  const good = new Machine("good");
  await bootUntilOver(good, []);
  assert.deepEqual([good.installed, good.disk?.phase, good.disk?.reason], ["new", "kept", undefined]);
  const reasons: Record<string, string | undefined> = {};
  for (const nature of SPOILED) {
    const machine = new Machine(nature);
    await bootUntilOver(machine, []);
    assert.deepEqual([machine.installed, machine.disk?.phase], ["previous", "returned"], nature);
    reasons[nature] = machine.disk?.reason;
  }
  assert.match(reasons["exits"] ?? "", /3 were not after 60 s: BGP session with a, agent, controller$/);
  assert.match(reasons["mute"] ?? "", /1 were not after 60 s: controller$/);
  assert.match(reasons["loses-late"] ?? "", /: tunnel t$/);
  assert.match(reasons["does-not-install"] ?? "", /could not be installed: a dependency is missing/);
  assert.match(reasons["kills-machine"] ?? "", /ended 3 times while it was watched/);
});

test("power cut at every single moment of an update: it ends with one whole version, a spoiled one never stays", async () => {
  for (const nature of ["good", ...SPOILED] as const) {
    const whole = new Machine(nature);
    await bootUntilOver(whole, []);
    assert.ok(whole.moments > 8);
    for (let at = 1; at <= whole.moments; at++) {
      const machine = new Machine(nature);
      await bootUntilOver(machine, [at]);
      const end = nature === "good" ? ["new", "kept"] : ["previous", "returned"];
      assert.deepEqual([machine.installed, machine.disk?.phase], end, `${nature}, cut at moment ${at}`);
    }
  }
});

test("power cut as often as one likes: what stays is whole, and never spoiled", async () => {
  const natures = fc.constantFrom("good" as const, ...SPOILED);
  await fc.assert(
    fc.asyncProperty(
      natures,
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
      async (nature, cuts) => {
        const machine = new Machine(nature);
        await bootUntilOver(machine, cuts);
        assert.ok(machine.disk !== undefined && stepOf(machine.disk) === undefined);
        assert.equal(machine.installed, machine.disk.phase === "kept" ? "new" : "previous");
        if (nature !== "good") assert.equal(machine.installed, "previous");
      },
    ),
    { numRuns: 300 },
  );
});

test("what cannot be put back now is tried again, and said when it goes on", async () => {
  const machine = new Machine("exits");
  const host = machine.host();
  let refused = 0;
  const locked: UpdateHost = {
    ...host,
    install: async (which) => {
      if (which === "previous" && refused++ < 5) throw new Error("dpkg is locked by another");
      await host.install(which);
    },
  };
  await runUpdate(locked);
  assert.deepEqual([machine.installed, machine.disk?.phase, refused], ["previous", "returned", 6]);
  const never: UpdateHost = {
    ...host,
    install: () => Promise.reject(new Error("dpkg is locked by another")),
  };
  machine.disk = { ...FIRST, phase: "returning" };
  await assert.rejects(runUpdate(never), { code: "update-stuck", message: /locked by another/ });
  assert.equal(machine.disk.phase, "returning", "who watches is started again, and goes on");
});
