import { createHash } from "node:crypto";
import { Value } from "@sinclair/typebox/value";
import { Bundle } from "@vsix/shared/contract/bundle.ts";
import type { Manifest, PartReference } from "@vsix/shared/contract/manifest.ts";
import { type PartByName, parseAccessShard, parseGateShard, parsePart } from "@vsix/shared/contract/parse.ts";
import {
  type Access,
  type AccessShard,
  accessShardName,
  joinShards,
} from "@vsix/shared/contract/part-access.ts";
import { type Gate, type GateShard, gateShardName } from "@vsix/shared/contract/part-gate.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { ForwardingRule } from "../core/forwarding-order.ts";

/** A manifest with all its parts, verified and parsed: what this node should be. */
export interface AgentDocument {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest's payload. */
  readonly digest: string;
  readonly envelope: Uint8Array;
  readonly partBytes: ReadonlyMap<string, Uint8Array>;
  readonly fabric: PartByName["fabric"];
  readonly access: Access | undefined;
  readonly bgp: PartByName["bgp"];
  readonly steering: PartByName["steering"] | undefined;
  readonly probes: PartByName["probes"] | undefined;
  readonly epe: PartByName["epe"] | undefined;
  readonly services: PartByName["services"] | undefined;
  readonly health: PartByName["health"] | undefined;
  readonly capture: PartByName["capture"] | undefined;
  readonly advertise: PartByName["advertise"] | undefined;
  readonly home: PartByName["home"] | undefined;
  readonly gate: Gate | undefined;
}

export interface VerifiedManifest {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly envelope: Uint8Array;
}

/** Why a message or a stored document was not taken. */
export class RefusedError extends VsixError<string> {}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Parts of a manifest that `have` does not hold. */
export function missingParts(
  manifest: Manifest,
  have: ReadonlyMap<string, Uint8Array>,
): readonly PartReference[] {
  return manifest.parts.filter(({ sha256 }) => !have.has(sha256));
}

/**
 * Puts a document together. `parts` is by SHA-256 and each was checked against it on arrival. Parts of a name that this
 * agent does not know must have come as well: kept with the others, a newer agent finds them on the disk.
 * Throws {@link RefusedError} `missing-part` or MessageError; nothing is half taken.
 */
export function assembleDocument(
  verified: VerifiedManifest,
  parts: ReadonlyMap<string, Uint8Array>,
): AgentDocument {
  const { manifest, digest, envelope } = verified;
  const bytesOf = (name: string): Uint8Array | undefined => {
    const reference = manifest.parts.find((part) => part.name === name);
    if (reference === undefined) return undefined;
    const bytes = parts.get(reference.sha256);
    if (bytes === undefined)
      throw new RefusedError("missing-part", `part ${name} (sha256 ${reference.sha256}) has not arrived`);
    return bytes;
  };
  const needed = (name: string): Uint8Array => {
    const bytes = bytesOf(name);
    if (bytes === undefined) throw new RefusedError("missing-part", `the manifest names no part ${name}`);
    return bytes;
  };
  const steering = bytesOf("steering");
  const probes = bytesOf("probes");
  const epe = bytesOf("epe");
  const services = bytesOf("services");
  const health = bytesOf("health");
  const capture = bytesOf("capture");
  const access = bytesOf("access");
  const advertise = bytesOf("advertise");
  const gate = bytesOf("gate");
  const home = bytesOf("home");
  const fabric = parsePart("fabric", needed("fabric"));
  if (fabric.node.name !== manifest.node)
    throw new RefusedError(
      "wrong-node",
      `part fabric is for ${fabric.node.name}, the manifest for ${manifest.node}`,
    );
  return {
    manifest,
    digest,
    envelope,
    partBytes: new Map(
      manifest.parts.flatMap(({ sha256 }) => {
        const bytes = parts.get(sha256);
        return bytes === undefined ? [] : [[sha256, bytes] as const];
      }),
    ),
    fabric,
    access: access === undefined ? undefined : accessOf(access, needed),
    bgp: parsePart("bgp", needed("bgp")),
    steering: steering === undefined ? undefined : parsePart("steering", steering),
    probes: probes === undefined ? undefined : parsePart("probes", probes),
    epe: epe === undefined ? undefined : parsePart("epe", epe),
    services: services === undefined ? undefined : parsePart("services", services),
    health: health === undefined ? undefined : parsePart("health", health),
    capture: capture === undefined ? undefined : parsePart("capture", capture),
    advertise: advertise === undefined ? undefined : parsePart("advertise", advertise),
    home: home === undefined ? undefined : parsePart("home", home),
    gate: gate === undefined ? undefined : gateOf(gate, needed),
  };
}

/** Part and shards: one that is missing would take a sixteenth of the users away, so there is no document without it. */
function accessOf(bytes: Uint8Array, needed: (name: string) => Uint8Array): Access {
  const frame = parsePart("access", bytes);
  const names = Array.from({ length: frame.shards }, (_, shard) => accessShardName(shard));
  return joinShards(
    frame,
    names.map((name) => shardOf(name, needed(name))),
  );
}

/** Likewise: a shard that is missing would keep a sixteenth of the users out. */
function gateOf(bytes: Uint8Array, needed: (name: string) => Uint8Array): Gate {
  const frame = parsePart("gate", bytes);
  const names = Array.from({ length: frame.shards }, (_, shard) => gateShardName(shard));
  return { frame, shards: names.map((name) => gateShardOf(name, needed(name))) };
}

/** By their octets, which nobody changes: of sixteen shards fifteen are what they were when one user comes or goes. */
const shardOf = remembered<AccessShard>(parseAccessShard);
const gateShardOf = remembered<GateShard>(parseGateShard);

function remembered<T>(
  parse: (name: string, bytes: Uint8Array) => T,
): (name: string, bytes: Uint8Array) => T {
  const known = new WeakMap<Uint8Array, { readonly value: T }>();
  return (name, bytes) => {
    const found = known.get(bytes) ?? { value: parse(name, bytes) };
    known.set(bytes, found);
    return found.value;
  };
}

/** Whoever can tell a genuine envelope. Throws {@link RefusedError} or MessageError. */
export interface Verifier {
  verifyKept(envelope: Uint8Array, node: string): VerifiedManifest;
}

/** The document in a bundle file's bytes. Throws {@link RefusedError} or MessageError. */
export function openBundle(bytes: Uint8Array, node: string, verifier: Verifier): AgentDocument {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new RefusedError("malformed", "the bundle is not JSON", { cause });
  }
  if (!Value.Check(Bundle, value)) {
    const fault = Value.Errors(Bundle, value).First();
    throw new RefusedError("malformed", `not a bundle: ${fault?.path ?? ""} ${fault?.message ?? ""}`);
  }
  const parts = new Map<string, Uint8Array>();
  for (const part of value.parts) {
    const content = Buffer.from(part.bytes, "base64");
    if (sha256Hex(content) !== part.sha256)
      throw new RefusedError("bad-digest", `part ${part.name} does not have the SHA-256 it is filed under`);
    parts.set(part.sha256, content);
  }
  return assembleDocument(verifier.verifyKept(Buffer.from(value.envelope, "base64"), node), parts);
}

/** The bytes of a bundle file that {@link openBundle} reads back. */
export function encodeBundle(document: AgentDocument): Uint8Array {
  const bundle: Bundle = {
    version: 1,
    envelope: Buffer.from(document.envelope).toString("base64"),
    parts: document.manifest.parts.map(({ name, sha256 }) => ({
      name,
      sha256,
      bytes: Buffer.from(document.partBytes.get(sha256) ?? []).toString("base64"),
    })),
  };
  return Buffer.from(JSON.stringify(bundle));
}

/** Whether a node has anything to do with BGP: a user's own router has not, and asks no engine. */
export function speaksBgp({ bgp }: Pick<AgentDocument, "bgp">): boolean {
  return bgp.neighbours.length > 0 || bgp.originate.length > 0;
}

/** Who stands outside a plane waits two steps for the router that tells it: that one may have far more to do. */
const OUTSIDE_STEPS = 2;

/**
 * How better ways are taken in order here (core/forwarding-order.ts): everywhere but at an Edge whose controller does not
 * say which plane it should use, for there a move that was asked for would wait as well.
 */
export function orderOf({ fabric, bgp, steering }: AgentDocument): ForwardingRule | undefined {
  const { role } = fabric.node;
  const wanted = role === "edge" ? steering?.wanted : undefined;
  if (role === "edge" && wanted === undefined) return undefined;
  const ids = bgp.neighbours.flatMap(({ address, id }) => (id === undefined ? [] : [[address, id] as const]));
  return {
    as: bgp.as,
    idOf: new Map(ids),
    atLeast: role === "plane" ? 0 : OUTSIDE_STEPS,
    byMed: role === "external-edge",
    wanted,
  };
}
