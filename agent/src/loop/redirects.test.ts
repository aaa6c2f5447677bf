import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { pino } from "pino";
import { Rib } from "../core/rib.ts";
import { BgpEngineError, type SessionState } from "../resources/bgp/engine.ts";
import { Redirects } from "./redirects.ts";

const BLUE = "2001:db8:ff00:1:1:b::";
const GREEN = "2001:db8:ff00:1:2:b::";
const PLANES = [
  ["blue", BLUE],
  ["green", GREEN],
] as const;
const COMMON = "2001:db8:10::/48";
const BLUE_ONLY = "2001:db8:ff00::1/128";

const fabric: FabricPart = {
  version: 1,
  node: { name: "edge-1", role: "edge", id: 11, site: "sfc", loopback: "2001:db8:1::1" },
  loopbackAddresses: [],
  interfaces: [],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:ff01::/48",
};
const bgp: BgpPart = {
  version: 1,
  asn: 65001,
  routerId: "10.0.0.11",
  as: 4690,
  originate: [],
  neighbours: PLANES.map(([plane, address]) => ({
    name: `${plane}-sfc`,
    kind: "backbone",
    address,
    localAddress: "::1",
    interface: `to-${plane}`,
    asn: 4690,
    plane,
    maxPrefixes: 1000,
    holdS: 9,
    gracefulRestartS: 30,
  })),
  ownPrefixes: ["2001:db8::/32"],
  bogons: [],
};

/** An Edge on blue, whose engine holds what both planes tell. */
function edge() {
  const rib = new Rib();
  for (const prefix of ["::/0", "3fff:250::/32", COMMON, BLUE_ONLY]) rib.reach({ prefix, nextHop: BLUE });
  rib.sweep();
  const told = new Map(["::/0", COMMON].map((prefix) => [prefix, new Set([BLUE, GREEN])]));
  told.set(BLUE_ONLY, new Set([BLUE]));
  const state = { nowMs: 1000, gone: false, down: "", changes: 0 };
  const redirects = new Redirects({
    engine: {
      told: async (prefixes) => {
        if (state.gone) throw new BgpEngineError("bgp-unavailable", "gone");
        return new Map([...told].filter(([prefix]) => prefixes.includes(prefix)));
      },
    },
    rib,
    log: pino({ enabled: false }),
    now: () => state.nowMs,
    onChange: () => {
      state.changes++;
    },
  });
  const wanted = (plane: string) =>
    redirects.next(
      { fabric, bgp, steering: { version: 1, edges: [], wanted: plane } },
      (name) => name !== state.down,
    );
  const look = async (): Promise<void> => {
    const session = { state: "established", admin: "up", received: 4, accepted: 4, upSince: 1 } as const;
    redirects.sessionsSeen(
      PLANES.map(([plane, address]): SessionState => ({ ...session, neighbour: `${plane}-sfc`, address })),
    );
    await sleep(10);
  };
  return { redirects, rib, told, state, wanted, look };
}

test("another wanted plane leads outside routes there, and of our own prefixes those that are told there", async () => {
  const { redirects, wanted, look } = edge();
  await using _ = redirects;
  assert.equal(wanted("blue").to, undefined);
  await look();
  assert.equal(wanted("blue").to, undefined);
  const led = wanted("green");
  assert.equal(led.to, GREEN);
  assert.deepEqual([...led.early], [[COMMON, GREEN]]);
  assert.equal(wanted("green").to, GREEN);
  assert.equal(wanted("blue").to, BLUE);
});

test("nothing is led by an agent that has just begun, nor without an answer of the engine", async () => {
  const { redirects, state, wanted, look } = edge();
  await using _ = redirects;
  assert.equal(wanted("green").to, undefined);
  assert.equal(wanted("blue").to, undefined);
  await look();
  state.gone = true;
  await look();
  assert.equal(wanted("green").to, undefined);
  state.gone = false;
  await look();
  state.nowMs += 9000;
  assert.equal(wanted("blue").to, undefined);
});

test("it ends when the link goes, when the engine goes, when ::/0 goes, and when BGP has followed", async () => {
  const begun = async () => {
    const one = edge();
    one.wanted("blue");
    await one.look();
    assert.equal(one.wanted("green").to, GREEN);
    await sleep(10);
    return one;
  };
  const link = await begun();
  link.state.down = "to-green";
  assert.equal(link.wanted("green").to, undefined);
  const engine = await begun();
  engine.state.gone = true;
  await engine.look();
  assert.ok(engine.state.changes > 0);
  assert.equal(engine.wanted("green").to, undefined);
  const route = await begun();
  route.told.set("::/0", new Set([BLUE]));
  await route.look();
  assert.equal(route.wanted("green").to, undefined);
  const followed = await begun();
  followed.state.nowMs += 2000;
  assert.equal(followed.wanted("green").to, GREEN);
  for (const prefix of ["::/0", "3fff:250::/32"]) followed.rib.reach({ prefix, nextHop: GREEN });
  followed.redirects.routesChanged(["::/0", "3fff:250::/32"]);
  assert.equal(followed.wanted("green").to, GREEN);
  followed.state.nowMs += 1000;
  assert.deepEqual([followed.wanted("green").to, followed.wanted("green").early.size], [undefined, 0]);
  for (const one of [link, engine, route, followed]) await one.redirects[Symbol.asyncDispose]();
});
