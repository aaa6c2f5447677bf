import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { faultOfAdvertise } from "./check-advertise.ts";

type Lan = AdvertisePart["interfaces"][number];
const PREFIX = {
  prefix: "2001:db8:1:1::/64",
  onLink: true,
  autonomous: true,
  preferredS: 2700,
  validS: 5400,
};
const LAN: Lan = {
  name: "lan0",
  addresses: ["2001:db8:1:1::1/64"],
  intervalS: 600,
  lifetimeS: 1800,
  preference: "medium",
  prefixes: [PREFIX],
  resolvers: { addresses: ["2001:db8:53::53"], lifetimeS: 1800 },
  pref64: { prefix: "64:ff9b::/96", lifetimeS: 1800 },
};
const FABRIC = { interfaces: [{ name: "to-blue" }] } as unknown as FabricPart;
const fault = (changes: Partial<Lan>): string | undefined =>
  faultOfAdvertise({ version: 1, interfaces: [{ ...LAN, ...changes }] }, FABRIC);

test("a LAN as the controller writes it is taken", () => {
  assert.equal(fault({}), undefined);
});

test("what makes no sense is named with its field", () => {
  const table: readonly (readonly [Partial<Lan>, RegExp])[] = [
    [{ name: "to-blue" }, /0\/name: to-blue is a link of the fabric/],
    [{ name: ".." }, /0\/name/],
    [{ name: "lo" }, /0\/name/],
    [{ addresses: ["2001:db8::1"] }, /addresses\/0/],
    [{ addresses: ["fe80::1/64"] }, /addresses\/0/],
    [{ lifetimeS: 599 }, /lifetimeS: 599 is over before/],
    [{ prefixes: [{ ...PREFIX, prefix: "2001:db8::/63" }] }, /in a \/64 only/],
    [{ prefixes: [{ ...PREFIX, prefix: "fe80::/64" }] }, /prefixes\/0\/prefix/],
    [{ prefixes: [{ ...PREFIX, preferredS: 5401 }] }, /preferred longer than valid/],
    [{ resolvers: { addresses: ["resolver"], lifetimeS: 1 } }, /resolvers\/addresses\/0/],
    [{ pref64: { prefix: "2001:db8::/65", lifetimeS: 8 } }, /pref64\/prefix/],
  ];
  for (const [changes, says] of table) assert.match(fault(changes) ?? "nothing", says);
  assert.match(
    faultOfAdvertise({ version: 1, interfaces: [LAN, LAN] }, FABRIC) ?? "",
    /1\/name: lan0 is there twice/,
  );
});
