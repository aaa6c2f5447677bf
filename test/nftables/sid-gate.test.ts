import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { type Forged, sendForged } from "../kernel/fixtures/forged.ts";
import { counters, packets, plan, reconcile } from "./law.ts";
import { host, link, Namespaces, nftIn, route, run, settle } from "./namespaces.ts";

/** The controller's host, the Edge beside it, and somebody outside who is asked. */
const NOC = "2001:db8:10::1";
const NEIGHBOUR = "2001:db8:1::1";
const FAR = "3fff:510::1";
const PEER = "2001:db8:f0:1007:e01f::";
const OTHER_PEER = "2001:db8:f0:1007:e021::";
const NO_PEER = "2001:db8:f0:1007:1::";
const [ICMP6, UDP, ROUTING, IPV6] = [58, 17, 43, 41];

const port = (name: string, number: number, sources: readonly string[]) => ({
  name,
  mtu: 1500,
  addresses: [`2001:db8:ff0${number}::/127`],
  faces: "edge" as const,
  peer: `edge-${number}`,
  peerAddress: `2001:db8:ff0${number}::1`,
  sources: [...sources, `2001:db8:ff0${number}::/127`],
});

const ROUTER: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    port("e1", 1, ["2001:db8:10::/48"]),
    port("e2", 2, ["2001:db8:1::/48"]),
    {
      ...port("x0", 3, []),
      faces: "external-edge",
    },
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:f0::/48",
};
const ADMIT: EgressPart = {
  admit: [{ interface: "e1", source: NOC, sids: [PEER, OTHER_PEER], maxPacketsPerS: 1000 }],
};

const PROBE: Forged = {
  outer: { source: NOC, destination: PEER },
  inner: { source: NOC, destination: FAR, next: ICMP6 },
  count: 20,
};
const inside = (inner: Partial<Forged["inner"]>): Forged => ({
  ...PROBE,
  inner: { ...PROBE.inner, ...inner },
});
const around = (outer: Partial<NonNullable<Forged["outer"]>>): Forged => ({
  ...PROBE,
  outer: { source: NOC, destination: PEER, ...outer },
});

/** Each of them would let somebody do what the probes of the Edge at e1 need not. */
const REFUSED: readonly (readonly [what: string, packet: Forged])[] = [
  ["another source of the same Edge", around({ source: "2001:db8:10::bad" })],
  ["another source inside", inside({ source: NEIGHBOUR })],
  ["another address of its own inside", inside({ source: "2001:db8:10::bad" })],
  ["a SID that is no peer's", around({ destination: NO_PEER })],
  ["a SID of nobody", around({ destination: "2001:db8:f0:ffff::" })],
  ["a fragment", { ...PROBE, between: "fragment" }],
  ["an SRH", { ...PROBE, between: "srh" }],
  ["a packet to a SID inside", inside({ destination: PEER })],
  ["one more packet inside", inside({ next: IPV6 })],
  ["a routing header inside", inside({ next: ROUTING })],
  ["nothing inside", { inner: { source: NOC, destination: PEER, next: UDP }, count: 20 }],
];

describe("the SID block at Edge ports of a plane router, one of which measures", () => {
  const namespaces = new Namespaces("g");
  let noc = "";
  let neighbour = "";
  let router = "";
  let core = "";
  const arrived = (): number =>
    Number(/packets (\d+)/.exec(run(...nftIn(core), "list", "counter", "inet", "seen", "sids"))?.[1]);

  before(async () => {
    noc = namespaces.add("noc");
    neighbour = namespaces.add("neighbour");
    router = namespaces.add("router");
    core = namespaces.add("core");
    for (const [ns, name, number] of [
      [noc, "e1", 1],
      [neighbour, "e2", 2],
      [core, "x0", 3],
    ] as const) {
      link(
        { ns: router, port: name, address: `2001:db8:ff0${number}::/127` },
        { ns, port: "wan", address: `2001:db8:ff0${number}::1/127` },
      );
      route(ns, "default", "via", `2001:db8:ff0${number}::`);
    }
    host(noc, NOC);
    host(neighbour, NEIGHBOUR);
    host(core, FAR);
    route(router, "2001:db8:10::/48", "via", "2001:db8:ff01::1");
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff02::1");
    route(router, "default", "via", "2001:db8:ff03::1");
    for (const command of [
      "add table inet seen",
      "add counter inet seen sids",
      "add chain inet seen in { type filter hook prerouting priority -310; }",
      "add rule inet seen in ip6 daddr 2001:db8:f0::/48 counter name sids drop",
    ])
      run(...nftIn(core), "--", command);
    for (const [ns, address] of [
      [noc, NOC],
      [neighbour, NEIGHBOUR],
    ] as const)
      settle(ns, address, FAR);
    assert.equal(await reconcile(router, ROUTER, ADMIT), "create");
  });
  after(() => namespaces[Symbol.dispose]());

  test("what is read back is what was wanted, with the hole and without", async () => {
    assert.equal(await plan(router, ROUTER, ADMIT), "nothing");
    assert.equal(await reconcile(router, ROUTER), "replace");
    assert.equal(await plan(router, ROUTER), "nothing");
    assert.equal(await reconcile(router, ROUTER, ADMIT), "replace");
  });

  test("probes of the Edge that measures reach the SIDs of peers, counted", () => {
    const before = arrived();
    for (const probe of [
      PROBE,
      around({ destination: OTHER_PEER }),
      inside({ next: UDP }),
      inside({ next: 6 }),
    ])
      assert.deepEqual(sendForged(noc, [probe]), [probe.count]);
    assert.equal(arrived() - before, 80);
    assert.equal(packets(router)["probes-e1"], 80);
  });

  for (const [what, packet] of REFUSED)
    test(`from it is refused: ${what}`, () => {
      const [seen, dropped] = [arrived(), packets(router)["drop-sid-block"] ?? 0];
      assert.deepEqual(sendForged(noc, [packet]), [packet.count]);
      assert.equal(arrived() - seen, 0);
      assert.equal((packets(router)["drop-sid-block"] ?? 0) - dropped, packet.count);
    });

  test("a neighbour that takes its address, or uses its own, gets nothing to any SID", () => {
    const [seen, dropped] = [arrived(), packets(router)["drop-sid-block"] ?? 0];
    const own = { source: NEIGHBOUR };
    const tries: Forged[] = [PROBE, around(own), { ...inside(own), outer: { ...own, destination: PEER } }];
    assert.deepEqual(sendForged(neighbour, tries), [20, 20, 20]);
    assert.equal(arrived() - seen, 0);
    assert.equal((packets(router)["drop-sid-block"] ?? 0) - dropped, 60);
  });

  test("more than it is to send is refused, and counted", async () => {
    const few: EgressPart = { admit: (ADMIT.admit ?? []).map((one) => ({ ...one, maxPacketsPerS: 10 })) };
    await reconcile(router, ROUTER, few);
    const [seen, dropped] = [arrived(), packets(router)["drop-sid-block"] ?? 0];
    assert.deepEqual(sendForged(noc, [{ ...PROBE, count: 2000 }]), [2000]);
    const passed = arrived() - seen;
    const refused = (packets(router)["drop-sid-block"] ?? 0) - dropped;
    assert.equal(passed + refused, 2000);
    assert.ok(passed >= 10 && refused > 0, `${passed} passed, ${refused} were refused`);
    await reconcile(router, ROUTER, ADMIT);
  });

  test("while nobody measures nothing passes", async () => {
    await reconcile(router, ROUTER);
    const seen = arrived();
    sendForged(noc, [PROBE]);
    assert.equal(arrived() - seen, 0);
    assert.ok(!counters(router).some(({ name }) => name === "probes-e1"));
    await reconcile(router, ROUTER, ADMIT);
  });
});

describe("an Edge that measures", () => {
  test("lets nobody behind it reach a SID, whatever address that one takes", async () => {
    using namespaces = new Namespaces("h");
    const [behind, edge, router] = [
      namespaces.add("behind"),
      namespaces.add("edge"),
      namespaces.add("router"),
    ];
    link(
      { ns: behind, port: "wan", address: "2001:db8:10:1::2/64" },
      { ns: edge, port: "lan", address: "2001:db8:10:1::1/64" },
    );
    link(
      { ns: edge, port: "e1", address: "2001:db8:ff01::1/127" },
      { ns: router, port: "e1", address: "2001:db8:ff01::/127" },
    );
    route(behind, "default", "via", "2001:db8:10:1::1");
    route(edge, "default", "via", "2001:db8:ff01::");
    route(router, "2001:db8:10::/48", "via", "2001:db8:ff01::1");
    host(edge, NOC);
    settle(behind, "2001:db8:10:1::2", "2001:db8:ff01::");
    const part: FabricPart = {
      ...ROUTER,
      node: { name: "noc", role: "edge", id: 10, site: "sfc", loopback: NOC },
      interfaces: [{ ...port("e1", 1, []), faces: "plane", addresses: ["2001:db8:ff01::1/127"] }],
    };
    const measure: EgressPart["measure"] = {
      cycleMs: 1000,
      probes: 1,
      timeoutMs: 100,
      size: 80,
      fullSize: 0,
      maxPacketsPerS: 100,
      maxPacketsPerDestinationPerS: 10,
      peers: [],
      destinations: [],
    };
    await reconcile(edge, part, { measure });
    sendForged(behind, [PROBE, around({ source: "2001:db8:10:1::2" })]);
    assert.equal(packets(edge)["drop-sid-block"], 40);
    sendForged(edge, [PROBE]);
    assert.equal(packets(edge)["drop-sid-block"], 40, "its own leave");
  });
});
