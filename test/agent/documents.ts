import { createHash } from "node:crypto";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import { encodeEnvelope, generateKey, type SigningKey, sign } from "@vsix/shared/crypto/ed25519.ts";

/** Documents of a plane router with two ports, signed by a key of this process. */

export const NODE = "r1";
export const KEY: SigningKey = generateKey();
export const LOOPBACK = "2001:db8:0:1::1";
export const EDGE_PORT = "pa";
export const PLANE_PORT = "pb";
export const EDGE_PEER = "2001:db8:1:a::1";
export const PLANE_PEER = "2001:db8:1:b::1";
export const AGGREGATE = "2001:db8::/32";
export const SID = "2001:db8:ff:1::1";
export const HEADEND_PREFIX = "2001:db8:beef::/48";

export function fabricPart(change: Partial<FabricPart> = {}): FabricPart {
  return {
    version: 1,
    node: { name: NODE, role: "plane", id: 1, site: "here", plane: "blue", loopback: LOOPBACK },
    loopbackAddresses: [`${LOOPBACK}/128`],
    interfaces: [
      port(EDGE_PORT, "2001:db8:1:a::/127", EDGE_PEER, "edge"),
      port(PLANE_PORT, "2001:db8:1:b::/127", PLANE_PEER, "plane-internal"),
    ],
    sids: [
      { sid: SID, behavior: "End" },
      { sid: "2001:db8:ff:1::6", behavior: "End.DT6", table: 254 },
    ],
    blackholes: [AGGREGATE],
    overrides: [{ prefix: HEADEND_PREFIX, segments: ["2001:db8:ff:2::6"], interfaces: [EDGE_PORT] }],
    planeMtu: 9000,
    sidBlock: "2001:db8:ff::/48",
    ...change,
  };
}

export function port(
  name: string,
  address: string,
  peerAddress: string,
  faces: FabricPart["interfaces"][number]["faces"],
): FabricPart["interfaces"][number] {
  return {
    name,
    mtu: 1500,
    addresses: [address],
    faces,
    peer: `peer-${name}`,
    peerAddress,
    plane: "blue",
    ...(faces === "edge" ? { sources: ["2001:db8:e::/48"] } : {}),
  };
}

export function bgpPart(change: Partial<BgpPart> = {}): BgpPart {
  return {
    version: 1,
    asn: 65100,
    routerId: "10.0.0.1",
    confederation: { identifier: 4690, members: [65100, 65101] },
    as: 4690,
    originate: [
      { prefix: `${LOOPBACK}/128`, class: "infrastructure" },
      // In place of an External Edge: a way to the locator that the override leads to.
      { prefix: "2001:db8:ff:2::/64", class: "infrastructure" },
    ],
    neighbours: [],
    ownPrefixes: [AGGREGATE],
    bogons: ["fc00::/7"],
    ...change,
  };
}

export interface Signed {
  /** The bytes that travel. */
  readonly envelope: Buffer;
  readonly parts: readonly { readonly name: string; readonly sha256: string; readonly bytes: Buffer }[];
}

export interface DocumentChange {
  readonly fabric?: FabricPart;
  readonly bgp?: BgpPart;
  readonly probes?: ProbesPart;
  readonly epe?: EpePart;
  /** Parts by name that stand as they are. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly manifest?: Partial<Manifest>;
  readonly key?: SigningKey;
}

/** A whole document of this generation. */
export function document(generation: number, change: DocumentChange = {}): Signed {
  const contents = {
    fabric: change.fabric ?? fabricPart(),
    bgp: change.bgp ?? bgpPart(),
    ...(change.probes === undefined ? {} : { probes: change.probes }),
    ...(change.epe === undefined ? {} : { epe: change.epe }),
    ...change.more,
  };
  const parts = Object.entries(contents).map(([name, content]) => {
    const bytes = Buffer.from(JSON.stringify(content));
    return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
  const manifest: Manifest = {
    version: 1,
    node: NODE,
    epoch: 2,
    generation,
    revision: 1,
    issuedAt: "2026-01-01T00:00:00Z",
    acceptUntil: "2099-01-01T00:00:00Z",
    parts: parts.map(({ name, sha256, bytes }) => ({ name, sha256, generation, size: bytes.length })),
    ...change.manifest,
  };
  const payload = Buffer.from(JSON.stringify(manifest));
  return {
    envelope: Buffer.from(encodeEnvelope(sign(manifestType(NODE), payload, change.key ?? KEY))),
    parts,
  };
}
