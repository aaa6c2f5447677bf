import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import { pino } from "pino";
import { ResourceTable } from "../core/resource-table.ts";
import type { Look } from "../core/services/health.ts";
import type { AgentDocument } from "../documents/document.ts";
import { resolverKind } from "../resources/resolver/model.ts";
import { manage } from "./managed-kind.ts";
import { ServiceLane } from "./service-lane.ts";
import type { ServiceUnit } from "./service-unit.ts";

const PART: ServicesPart = {
  version: 1,
  resolver: { listen: ["::1"], source: "::1", clients: [], roots: [], forward: [], stub: [] },
};
const GOOD: Look = { ok: true, reason: "" };
const MUTE: Look = { ok: false, reason: "ETIMEOUT", mute: true };
const WRONG: Look = { ok: false, reason: "other addresses" };

interface Stage extends AsyncDisposable {
  readonly lane: ServiceLane;
  /** How often it was asked. */
  asked: number;
  killed: number;
  readonly answer: Look;
  pid: number | undefined;
  /** Half a second passes. */
  beat(): Promise<void>;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

/** A lane with one service whose program and answers are the test's. */
async function stage(pid: number | undefined, answer = GOOD): Promise<Stage> {
  mock.timers.enable({ apis: ["setTimeout"] });
  const driver = { observe: async () => [], apply: async () => [] };
  const daemon = {
    get pid() {
      return it.pid;
    },
    starts: 0,
    find: () => it.pid,
    kill: () => {
      it.killed++;
    },
  };
  const unit: ServiceUnit = {
    name: "resolver",
    daemon,
    managed: manage(new ResourceTable(resolverKind), driver, () => true),
    patience: 2,
    isWanted: (part) => part?.resolver !== undefined,
    desire: async () => undefined,
    look: async () => {
      it.asked++;
      return it.answer;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const lane = new ServiceLane({
    runDir: "/nowhere",
    log: pino({ level: "silent" }),
    now: () => 0,
    onChange: () => undefined,
    units: () => [unit],
  });
  const it: Stage = {
    lane,
    asked: 0,
    killed: 0,
    answer,
    pid,
    beat: async () => {
      mock.timers.tick(500);
      await settle();
    },
    [Symbol.asyncDispose]: async () => {
      mock.timers.reset();
      await lane[Symbol.asyncDispose]();
    },
  };
  lane.configure({ services: PART, fabric: { node: { loopback: "::1" } } } as unknown as AgentDocument);
  return it;
}

test("what runs when the agent begins is announced until it was asked; what does not run is not", async () => {
  {
    await using running = await stage(7);
    assert.deepEqual([...running.lane.working], ["resolver"]);
  }
  await using absent = await stage(undefined);
  assert.deepEqual([...absent.lane.working], []);
  await settle();
  for (let i = 0; i < 4; i++) await absent.beat();
  assert.equal(absent.asked, 0, "nobody is there to be asked");
  absent.pid = 7;
  for (let i = 0; i < 3; i++) await absent.beat();
  assert.deepEqual([...absent.lane.working], ["resolver"]);
});

test("who says nothing is asked again at once, who says something wrong half a second later", async () => {
  {
    await using silent = await stage(7, MUTE);
    await settle();
    assert.equal(silent.asked, 2);
    assert.deepEqual([...silent.lane.working], []);
  }
  await using wrong = await stage(7, WRONG);
  await settle();
  assert.equal(wrong.asked, 1);
  assert.deepEqual([...wrong.lane.working], ["resolver"]);
  await wrong.beat();
  assert.deepEqual([...wrong.lane.working], []);
  assert.equal(wrong.lane.states[0]?.health.reason, "other addresses");
});

test("a program that stays mute is ended, one that answers wrongly never", async () => {
  {
    await using silent = await stage(7, MUTE);
    await settle();
    for (let i = 0; i < 17; i++) await silent.beat();
    assert.equal(silent.killed, 0);
    await silent.beat();
    assert.equal(silent.killed, 1);
  }
  await using wrong = await stage(7, WRONG);
  await settle();
  for (let i = 0; i < 50; i++) await wrong.beat();
  assert.equal(wrong.killed, 0);
});

test("a service that is no longer asked for is not spoken of", async () => {
  await using one = await stage(7);
  await settle();
  one.lane.configure({
    services: undefined,
    fabric: { node: { loopback: "::1" } },
  } as unknown as AgentDocument);
  assert.deepEqual(one.lane.states, []);
  const { asked } = one;
  await one.beat();
  assert.equal(one.asked, asked);
});
