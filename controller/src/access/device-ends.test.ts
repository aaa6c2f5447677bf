import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pino } from "pino";
import { systemClock } from "../clock.ts";
import { Store } from "../store/store.ts";
import { TokenKeeper } from "../tokens/keeper.ts";
import { createAccount, setPolicy } from "./accounts.ts";
import { createPool } from "./addresses.ts";
import { act, apply } from "./applications.ts";
import { DeviceEnds } from "./device-ends.ts";

test("an enrolled device moves its own application and no other, seldom, and never one that is over", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-ends-"));
  try {
    let nowMs = 1_000_000;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    await using store = await Store.open(join(directory, "controller.db"));
    const bed = { store, clock, tokens: await TokenKeeper.open(store, clock, () => new Uint8Array(32)) };
    await createAccount(bed, "op", { name: "alice", display: "alice" });
    const pool = { strategy: "first", quarantineS: 60, note: "", name: "home", purpose: "tunnel" } as const;
    await createPool(bed, "op", { ...pool, prefix: "2001:db8:0:100::/56" });
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    for (const [device, endpoint] of [
      ["one", "3fff::1"],
      ["two", "3fff::2"],
    ] as const)
      await apply(
        bed,
        { who: "op" },
        { service: "generic-tunneling", account: "alice", device, note: "", endpoint },
      );
    const enrolled = new Set(["access-1"]);
    using ends = new DeviceEnds({
      ...{ store, clock, log: pino({ level: "silent" }) },
      isEnrolled: (node) => enrolled.has(node),
    });
    const endpointOf = async (id: number) => (await store.read.accounts.application(id))?.endpoint;

    await ends.heard("access-1", [{ id: "1", local: "3fff::11" }]);
    assert.equal(await endpointOf(1), "3fff::11");
    await ends.heard("access-1", [{ id: "2", local: "3fff::22" }]);
    await ends.heard("access-2", [{ id: "2", local: "3fff::22" }]);
    await ends.heard("edge-1", [{ id: "2", local: "3fff::22" }]);
    assert.equal(
      await endpointOf(2),
      "3fff::2",
      "another's, a device that has not enrolled, a node that is none",
    );

    await ends.heard("access-1", [{ id: "1", local: "3fff::12" }]);
    assert.equal(await endpointOf(1), "3fff::11", "too soon");
    nowMs += 5_000;
    await ends.heard("access-1", [{ id: "1", local: "3fff::12" }]);
    assert.equal(await endpointOf(1), "3fff::12");
    for (const local of ["3fff::2", "2001:db8:0:100::1", "fe80::1", "here"]) {
      nowMs += 5_000;
      await ends.heard("access-1", [{ id: "1", local }]);
      assert.equal(await endpointOf(1), "3fff::12", `${local}: taken, our own, or no router's`);
    }
    await act(bed, { who: "op" }, 1, "revoke", "");
    nowMs += 5_000;
    await ends.heard("access-1", [{ id: "1", local: "3fff::13" }]);
    assert.equal(await endpointOf(1), "3fff::12", "over");
  } finally {
    await rm(directory, { recursive: true });
  }
});
