import assert from "node:assert/strict";
import { test } from "node:test";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import fc from "fast-check";
import { checkDocument, SenselessError } from "./check-document.ts";

const bgp: BgpPart = {
  version: 1,
  asn: 65100,
  routerId: "10.0.0.1",
  as: 4690,
  originate: [],
  neighbours: [],
  ownPrefixes: ["2001:db8::/32"],
  bogons: [],
};

function fabric(change: Partial<FabricPart> = {}): FabricPart {
  return {
    version: 1,
    node: { name: "r1", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8::1" },
    loopbackAddresses: ["2001:db8::1/128"],
    interfaces: [],
    sids: [],
    blackholes: [],
    overrides: [],
    sidBlock: "2001:db8:ff::/48",
    ...change,
  };
}

test("a sound document passes; each senseless field is named", () => {
  checkDocument({ fabric: fabric(), bgp, steering: undefined });
  const cases: readonly (readonly [Partial<FabricPart>, Partial<BgpPart>, RegExp])[] = [
    [{ sidBlock: "fd00::" }, {}, /fabric \/sidBlock/],
    [{ loopbackAddresses: ["2001:db8::1/200"] }, {}, /fabric \/loopbackAddresses\/0/],
    [{ sids: [{ sid: "x", behavior: "End" }] }, {}, /fabric \/sids\/0\/sid/],
    [{ overrides: [{ prefix: "::/0", segments: ["::z"], interfaces: [] }] }, {}, /overrides\/0\/segments\/0/],
    [{}, { routerId: "x" }, /bgp \/routerId/],
    [{}, { originate: [{ prefix: "10.0.0.0/8", class: "edge" }] }, /bgp \/originate\/0/],
  ];
  for (const [part, speaker, pattern] of cases)
    assert.throws(
      () => checkDocument({ fabric: fabric(part), bgp: { ...bgp, ...speaker }, steering: undefined }),
      (error) => error instanceof SenselessError && pattern.test(error.message),
    );
});

test("what would go into a program's configuration is an address or a prefix, and its field is named", () => {
  const resolver = {
    listen: ["2001:db8:53::53"],
    source: "2001:db8:21::1",
    clients: ["2001:db8::/32"],
    roots: [],
    forward: [],
    stub: [],
  };
  const translator = {
    kind: "nat64" as const,
    prefix: "2001:db8:64::/96",
    own6: "2001:db8:23::64",
    clients: [],
    pool: ["192.0.2.0/29"],
    mappings: [],
  };
  const checked = (services: ServicesPart): void =>
    checkDocument({ fabric: fabric(), bgp, steering: undefined, services });
  checked({ version: 1, resolver, translator });
  const cases: readonly (readonly [Partial<ServicesPart>, RegExp])[] = [
    [{ resolver: { ...resolver, listen: ["::1\n  control-enable: no"] } }, /\/resolver\/listen\/0/],
    [{ resolver: { ...resolver, clients: ["all"] } }, /\/resolver\/clients\/0/],
    [{ resolver: { ...resolver, stub: [{ zone: "x.", addresses: ["y"] }] } }, /\/resolver\/stub\/0/],
    [{ translator: { ...translator, prefix: "2001:db8::/60" } }, /\/translator\/prefix/],
    [{ translator: { ...translator, pool: ["192.0.2.1/29"] } }, /\/translator\/pool\/0/],
    [{ translator: { ...translator, mappings: [{ v4: "1.2.3", v6: "::1" }] } }, /mappings\/0\/v4/],
  ];
  for (const [change, pattern] of cases)
    assert.throws(
      () => checked({ version: 1, ...change }),
      (error) => error instanceof SenselessError && pattern.test(error.message),
    );
});

test("whatever text stands in a field, the document passes or is senseless, and nothing else is thrown", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom("sidBlock" as const, "blackhole" as const, "name" as const, "sid" as const),
      (text, field) => {
        const port: FabricPart["interfaces"][number] = {
          name: text,
          mtu: 1500,
          addresses: [],
          faces: "edge",
          peer: "e",
          peerAddress: "::1",
        };
        const changes: Readonly<Record<typeof field, Partial<FabricPart>>> = {
          sidBlock: { sidBlock: text },
          blackhole: { blackholes: [text] },
          name: { interfaces: [port] },
          sid: { sids: [{ sid: text, behavior: "End" }] },
        };
        try {
          checkDocument({ fabric: fabric(changes[field]), bgp, steering: undefined });
        } catch (error) {
          assert.ok(error instanceof SenselessError, String(error));
        }
      },
    ),
  );
});
