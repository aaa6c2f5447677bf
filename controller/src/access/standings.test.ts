import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import pino from "pino";
import { systemClock } from "../clock.ts";
import type { ServedUser } from "../core/access/place.ts";
import type { InForce } from "../desired/in-force.ts";
import { Store } from "../store/store.ts";
import { AccessBook } from "./book.ts";
import { UserPeaks } from "./peaks.ts";
import { SinceKeeper } from "./since-keeper.ts";
import { UserStandings } from "./standings.ts";

const KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
const START = Date.parse("2026-01-01T10:00:30Z");

async function makeStandings() {
  const text = await readFile(new URL("../../../examples/access.yaml", import.meta.url), "utf8");
  const parsed = parseFabric(text, "access.yaml");
  assert.ok(parsed.ok);
  const { fabric } = parsed;
  const nodes = new Map(
    ["pe-1", "pe-2"].map((node) => [node, { node, generation: 7, revision: 1, parts: [] }]),
  );
  const book = new AccessBook();
  book.setPoints(fabric);
  const ends = { endpoint: null, publicKey: null, presharedKey: null, expiresAt: null };
  const users: ServedUser[] = [
    { ...ends, id: 1, service: "generic-tunneling", prefixes: ["2001:db8:e000::/60"], endpoint: "3fff::1" },
    { ...ends, id: 2, service: "remote-access-vpn", prefixes: ["2001:db8:d000::1/128"], publicKey: KEY },
  ];
  book.setAll(users);
  const time = { ms: START };
  const standings = new UserStandings(
    book,
    () => ({ fabric, nodes }) as unknown as InForce,
    () => time.ms,
  );
  const say = (node: string, more: Partial<AccessUse>): boolean =>
    standings.accept({
      ...{ version: 1, node, at: new Date(time.ms).toISOString(), epoch: 1, generation: 7, shards: 16 },
      ...{ shard: 0, devices: [], tunnels: [], srv6: [], peers: [] },
      ...more,
    });
  return { standings, say, time };
}

test("a peak is what was there at once: a tunnel that sends, a device that shook hands; users of two routers count once", async () => {
  const { standings, say, time } = await makeStandings();
  const folder = await mkdtemp(join(tmpdir(), "vsix-peaks-"));
  const store = await Store.open(join(folder, "controller.db"));
  try {
    const clock = { ...systemClock, wallMs: () => time.ms };
    const peaks = new UserPeaks(store, standings, clock, pino({ enabled: false }));
    await peaks.look();
    const read = () => store.read.report.access.peaks("2026-01-01T10:00:30Z", "2026-01-01T11:00:00Z");
    assert.deepEqual(await read(), { tunnels: null, peers: null }, "nobody has told");
    assert.equal(say("edge-1", {}), false, "a node that is no access router");
    say("pe-1", { tunnels: [{ id: "1", rxPackets: 5 }] });
    await peaks.look();
    assert.deepEqual(await read(), { tunnels: 0, peers: 0 }, "what a tunnel sent before is no sign of life");
    say("pe-1", { tunnels: [{ id: "1", rxPackets: 6 }] });
    for (const node of ["pe-1", "pe-2"])
      say(node, { shard: 1, peers: [{ device: "vpn", publicKey: KEY, handshakeMs: time.ms - 1000 }] });
    await peaks.look();
    assert.deepEqual(await read(), { tunnels: 1, peers: 1 });
    time.ms += 600_000;
    await peaks.look();
    assert.deepEqual(standings.active(), { tunnels: 0, peers: 0 });
    assert.deepEqual(await read(), { tunnels: 1, peers: 1 }, "a peak stays");
  } finally {
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
});

test("an older word of a router does not undo a newer one", async () => {
  const { standings, say } = await makeStandings();
  say("pe-1", { tunnels: [{ id: "1" }] });
  say("pe-1", { generation: 6, tunnels: [] });
  assert.deepEqual(
    standings.of(1).map(({ router, state }) => `${router} ${state}`),
    ["pe-1 served", "pe-2 pending"],
  );
  assert.equal(standings.use(1)?.rxOctets, 0);
});

test("since when a user is served outlives the controller, unless he changed or fails", async () => {
  const first = await makeStandings();
  first.say("pe-1", { tunnels: [{ id: "1" }] });
  const since = new Date(START).toISOString();
  first.time.ms += 60_000;
  first.say("pe-1", { tunnels: [{ id: "1", rxPackets: 7 }] });
  const rows = first.standings.takeUnsaved(10);
  assert.deepEqual(rows, [{ router: "pe-1", user: "tunnels 1", since }]);
  assert.deepEqual(first.standings.takeUnsaved(10), []);
  first.standings.putBack(rows);
  assert.deepEqual(first.standings.takeUnsaved(10), rows);

  const second = await makeStandings();
  second.standings.remember(rows);
  second.time.ms += 3_600_000;
  second.say("pe-1", { tunnels: [{ id: "1" }] });
  assert.equal(second.standings.of(1)[0]?.since, since);
  second.say("pe-1", { tunnels: [] });
  assert.deepEqual(second.standings.takeUnsaved(10), [{ router: "pe-1", user: "tunnels 1", since: null }]);
  second.say("pe-1", { tunnels: [{ id: "1" }] });
  assert.notEqual(second.standings.of(1)[0]?.since, since, "he came back");

  const third = await makeStandings();
  third.standings.remember(rows);
  third.time.ms += 60_000;
  third.say("pe-1", { tunnels: [{ id: "1", fault: "no memory" }] });
  assert.notEqual(third.standings.of(1)[0]?.since, since);
  assert.deepEqual(third.standings.takeUnsaved(10), [{ router: "pe-1", user: "tunnels 1", since: null }]);
});

test("what was written down is read back by the next controller, and what ended is gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vsix-since-"));
  try {
    const since = new Date(START).toISOString();
    for (const life of ["first", "second"] as const) {
      const store = await Store.open(join(folder, "controller.db"));
      await using _ = store;
      const { standings, say } = await makeStandings();
      const keeper = new SinceKeeper(store, standings, pino({ enabled: false }));
      await keeper.load();
      assert.equal((await store.read.accounts.servedSince()).length, life === "first" ? 0 : 1);
      say("pe-1", { at: life === "first" ? since : "2027-01-01T00:00:00Z", tunnels: [{ id: "1" }] });
      await keeper.look();
      assert.deepEqual(await store.read.accounts.servedSince(), [
        { router: "pe-1", user: "tunnels 1", since },
      ]);
      if (life === "first") continue;
      say("pe-1", {});
      await keeper.look();
      assert.deepEqual(await store.read.accounts.servedSince(), []);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
