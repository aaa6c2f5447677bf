import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import type { Context } from "../operations/context.ts";
import { Store } from "../store/store.ts";
import { AlarmLog, alarmsNow } from "./alarms.ts";

type Conditions = Parameters<typeof conditions>[0];

/** What one router reports. */
function conditions(
  list: readonly { readonly object: string; readonly state: string; readonly reason: string }[],
) {
  const nodes = [{ name: "blue-kote" }, { name: "silent" }];
  const report = { value: { conditions: list } };
  return {
    desired: { inForce: { fabric: { nodes } } },
    fleet: { node: (name: string) => ({ report: name === "blue-kote" ? report : undefined }) },
  } as unknown as Pick<Context, "desired" | "fleet">;
}

const MISSING = { object: "overrides", state: "error", reason: "1 of their objects is missing" };
const WAITS = { object: "override 3fff::/32 by xe-sfc/wide", state: "pending", reason: "BGP knows no way" };

test("what is missing or was changed is an alarm; what waits, what is about something else, and what is off is none", () => {
  const words = (list: Conditions, mode: "off" | "enforce" = "enforce", fault?: string) =>
    alarmsNow(conditions(list), mode, fault).map(({ node, object }) => `${node} ${object}`);
  assert.deepEqual(words([MISSING, WAITS, { ...MISSING, object: "route 3fff::/32" }]), [
    "blue-kote overrides",
  ]);
  assert.deepEqual(words([{ ...MISSING, state: "done" }]), ["blue-kote overrides"]);
  assert.deepEqual(words([MISSING], "off"), []);
  assert.deepEqual(words([], "enforce", "too large"), ["controller epe"]);
});

test("an alarm is written down when it begins and when it ends, once, also over a restart", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-alarms-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    const context = { store, clock: systemClock } as unknown as Context;
    const look = async (log: AlarmLog, list: Conditions): Promise<readonly string[]> => {
      const had = (await store.read.epeEvents(100)).length;
      await log.look(context, alarmsNow(conditions(list), "enforce", undefined), 100);
      const events = (await store.read.epeEvents(100)).slice(
        0,
        (await store.read.epeEvents(100)).length - had,
      );
      return events.map(({ body }) => (JSON.parse(body) as { readonly change: string }).change);
    };
    const first = new AlarmLog();
    assert.deepEqual(await look(first, []), []);
    assert.deepEqual(await look(first, [MISSING]), ["begins"]);
    assert.deepEqual(await look(first, [{ ...MISSING, reason: "2 of their objects are missing" }]), []);
    const second = new AlarmLog();
    assert.deepEqual(await look(second, [MISSING]), []);
    assert.deepEqual(await look(second, []), ["ends"]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
