import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate } from "@vsix/shared/contract/part-gate.ts";
import { type Forged, sendForged } from "../kernel/fixtures/forged.ts";
import { packets, plan, reconcile } from "./law.ts";
import { host, link, Namespaces, nftIn, route, run, settle } from "./namespaces.ts";

const SID = "2001:db8:53:e::2";
const OTHER_SID = "2001:db8:53:f::2";
/** Users behind the Edges at e1 and e2, and somebody who is none. */
const USER = "2001:db8:1::e";
const NEIGHBOUR = "2001:db8:2::e";
const STRANGER = "2001:db8:1::bad";
const WITHIN = "2001:db8:e000::1";
const FAR = "2001:db8:10::1";
const [UDP, IPV6] = [17, 41];

const port = (name: string, number: number, faces: "edge" | "external-edge") => ({
  name,
  mtu: 1500,
  addresses: [`2001:db8:ff0${number}::/127`],
  faces,
  peer: `edge-${number}`,
  peerAddress: `2001:db8:ff0${number}::1`,
  ...(faces === "edge" ? { sources: [`2001:db8:${number}::/48`] } : {}),
});
const ROUTER: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [port("e1", 1, "edge"), port("e2", 2, "edge"), port("x0", 3, "external-edge")],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:f0::/48",
};
const gateOf = (users: Gate["shards"][number]["users"]): Gate => ({
  frame: { version: 1, shards: 2, sids: [SID, OTHER_SID] },
  shards: [
    { version: 1, users },
    { version: 1, users: [{ sid: SID, sources: [NEIGHBOUR] }] },
  ],
});
const GATE = gateOf([{ sid: SID, sources: [USER] }]);

const PACKET: Forged = {
  outer: { source: USER, destination: SID },
  inner: { source: WITHIN, destination: FAR, next: UDP },
  count: 20,
};
const around = (outer: Partial<NonNullable<Forged["outer"]>>): Forged => ({
  ...PACKET,
  outer: { source: USER, destination: SID, ...outer },
});
const REFUSED: readonly (readonly [what: string, packet: Forged])[] = [
  ["a source that is no user's", around({ source: STRANGER })],
  ["the SID of another point", around({ destination: OTHER_SID })],
  ["what is not IPv6 within IPv6", { inner: { source: USER, destination: SID, next: UDP }, count: 20 }],
  ["a fragment", { ...PACKET, between: "fragment" }],
  ["an SRH", { ...PACKET, between: "srh" }],
];

describe("SIDs of SRv6 access at Edge ports of a plane router", () => {
  const namespaces = new Namespaces("a");
  let [edge, other, router, core] = ["", "", "", ""];
  const arrived = (): number =>
    Number(/packets (\d+)/.exec(run(...nftIn(core), "list", "counter", "inet", "seen", "sids"))?.[1]);
  /** How many arrived, and how many each counter of the router took, of what is sent from there. */
  const send = (from: string, packet: Forged) => {
    const [seen, was] = [arrived(), packets(router)];
    assert.deepEqual(sendForged(from, [packet]), [packet.count]);
    const now = packets(router);
    const grown = (name: string): number => (now[name] ?? 0) - (was[name] ?? 0);
    return { arrived: arrived() - seen, gate: grown("drop-access-gate"), source: grown("drop-source-e2") };
  };

  before(async () => {
    [edge, other, router, core] = [
      namespaces.add("edge"),
      namespaces.add("other"),
      namespaces.add("router"),
      namespaces.add("core"),
    ];
    for (const [ns, name, number] of [
      [edge, "e1", 1],
      [other, "e2", 2],
      [core, "x0", 3],
    ] as const) {
      link(
        { ns: router, port: name, address: `2001:db8:ff0${number}::/127` },
        { ns, port: "wan", address: `2001:db8:ff0${number}::1/127` },
      );
      route(ns, "default", "via", `2001:db8:ff0${number}::`);
    }
    host(edge, USER);
    host(other, NEIGHBOUR);
    host(core, FAR);
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff01::1");
    route(router, "2001:db8:2::/48", "via", "2001:db8:ff02::1");
    route(router, "default", "via", "2001:db8:ff03::1");
    for (const command of [
      "add table inet seen",
      "add counter inet seen sids",
      "add chain inet seen in { type filter hook prerouting priority -310; }",
      `add rule inet seen in ip6 daddr { ${SID}, ${OTHER_SID} } counter name sids drop`,
    ])
      run(...nftIn(core), "--", command);
    settle(edge, USER, FAR);
    settle(other, NEIGHBOUR, FAR);
    assert.equal(await reconcile(router, ROUTER, undefined, GATE), "create");
  });
  after(() => namespaces[Symbol.dispose]());

  test("what is read back is what was wanted; one user more is an element more", async () => {
    assert.equal(await plan(router, ROUTER, undefined, GATE), "nothing");
    const more = gateOf([{ sid: SID, sources: [USER, STRANGER] }]);
    assert.equal(await reconcile(router, ROUTER, undefined, more), "replace");
    assert.deepEqual(send(edge, around({ source: STRANGER })), { arrived: 20, gate: 0, source: 0 });
    assert.equal(await reconcile(router, ROUTER, undefined, GATE), "replace");
  });

  test("a user's packets reach his SID", () => {
    assert.deepEqual(send(edge, PACKET), { arrived: 20, gate: 0, source: 0 });
    assert.deepEqual(send(edge, { ...PACKET, inner: { ...PACKET.inner, next: IPV6 } }), {
      ...{ arrived: 20, gate: 0, source: 0 },
    });
  });

  for (const [what, packet] of REFUSED)
    test(`refused and counted: ${what}`, () => {
      assert.deepEqual(send(edge, packet), { arrived: 0, gate: 20, source: 0 });
    });

  test("a user's source by another Edge's port is that Edge's no source, and one who has his own gets in", () => {
    assert.deepEqual(send(other, PACKET), { arrived: 0, gate: 0, source: 20 });
    assert.deepEqual(send(other, around({ source: NEIGHBOUR })), { arrived: 20, gate: 0, source: 0 });
  });

  test("who is revoked is a stranger", async () => {
    await reconcile(router, ROUTER, undefined, gateOf([]));
    assert.deepEqual(send(edge, PACKET), { arrived: 0, gate: 20, source: 0 });
  });
});
