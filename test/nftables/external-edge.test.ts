import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { packets, reconcile } from "./law.ts";
import { host, link, Namespaces, ping, route, settle } from "./namespaces.ts";

type Port = FabricPart["interfaces"][number];

/** Each neighbour: its port at the External Edge, the number of its link, its host. */
const NEIGHBOURS = [
  { name: "blue", faces: "plane", n: 1, host: "2001:db8:1::1" },
  { name: "green", faces: "plane", n: 2, host: "2001:db8:2::1" },
  { name: "wide", faces: "upstream", n: 3, host: "3fff:3::1" },
  { name: "other", faces: "upstream", n: 4, host: "3fff:4::1" },
] as const;

const port = ({ name, faces, n }: (typeof NEIGHBOURS)[number]): Port => ({
  name,
  mtu: 1500,
  addresses: [`2001:db8:ff0${n}::/127`],
  faces,
  peer: name,
  peerAddress: `2001:db8:ff0${n}::1`,
});

const PART: FabricPart = {
  version: 1,
  node: { name: "xe-sfc", role: "external-edge", id: 3, site: "sfc", loopback: "2001:db8:ff00::3" },
  loopbackAddresses: ["2001:db8:ff00::3/128"],
  interfaces: NEIGHBOURS.map(port),
  sids: [],
  blackholes: ["2001:db8::/32"],
  overrides: [],
  sidBlock: "2001:db8:f0::/44",
};

describe("packet filters of an External Edge", () => {
  const namespaces = new Namespaces("x");
  const ns = { blue: "", green: "", wide: "", other: "" };
  let xe = "";

  before(async () => {
    xe = namespaces.add("xe");
    for (const neighbour of NEIGHBOURS) {
      const { name, n } = neighbour;
      ns[name] = namespaces.add(name);
      link(
        { ns: xe, port: name, address: `2001:db8:ff0${n}::/127` },
        { ns: ns[name], port: "wan", address: `2001:db8:ff0${n}::1/127` },
      );
      host(ns[name], neighbour.host);
      route(ns[name], "default", "via", `2001:db8:ff0${n}::`);
      route(xe, neighbour.host, "via", `2001:db8:ff0${n}::1`);
    }
    host(ns.wide, "2001:db8:1::bad");
    host(ns.blue, "2001:db8:f0:1::1");
    route(xe, "2001:db8:f0:1::/64", "via", "2001:db8:ff01::1");
    settle(ns.blue, "2001:db8:1::1", "2001:db8:2::1");
    settle(ns.wide, "3fff:3::1", "3fff:4::1");
    assert.equal(await reconcile(xe, PART), "create");
  });
  after(() => namespaces[Symbol.dispose]());

  test("planes and upstreams reach each other", () => {
    assert.equal(ping(ns.blue, "2001:db8:1::1", "3fff:3::1").answered, 2);
    assert.equal(ping(ns.other, "3fff:4::1", "2001:db8:2::1").answered, 2);
  });

  test("from Blue to Green it answers that this is administratively prohibited", async () => {
    const { answered, text } = ping(ns.blue, "2001:db8:1::1", "2001:db8:2::1", 1);
    assert.equal(answered, 0);
    assert.match(text, /From 2001:db8:ff01:: .*(prohibited|denied)/i);
    assert.equal(packets(xe)["drop-plane-to-plane"], 1);
  });

  test("from one upstream to another nothing passes", async () => {
    assert.equal(ping(ns.wide, "3fff:3::1", "3fff:4::1").answered, 0);
    assert.equal(packets(xe)["drop-upstream-to-upstream"], 2);
  });

  test("our own sources from outside are dropped, but an upstream's end of the link may speak", async () => {
    assert.equal(ping(ns.wide, "2001:db8:1::bad", "2001:db8:2::1").answered, 0);
    assert.equal(packets(xe)["drop-own-source"], 2);
    assert.equal(ping(ns.wide, "2001:db8:ff03::1", "2001:db8:2::1").answered, 2);
  });

  test("the SID block is closed to upstreams and open to planes", async () => {
    assert.equal(ping(ns.wide, "3fff:3::1", "2001:db8:f0:1::1").answered, 0);
    assert.equal(packets(xe)["drop-sid-block"], 2);
    assert.equal(ping(xe, "2001:db8:ff01::", "2001:db8:f0:1::1").answered, 2);
  });
});
