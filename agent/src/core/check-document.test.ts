import assert from "node:assert/strict";
import { test } from "node:test";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
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
