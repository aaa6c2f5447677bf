import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { VsixError } from "../errors/vsix-error.ts";
import { Manifest, type PartName } from "./manifest.ts";
import { AccessPart, AccessShard, isAccessShard } from "./part-access.ts";
import { AdvertisePart } from "./part-advertise.ts";
import { BgpPart } from "./part-bgp.ts";
import { CapturePart } from "./part-capture.ts";
import { EpePart } from "./part-epe.ts";
import { FabricPart } from "./part-fabric.ts";
import { GatePart, GateShard, isGateShard } from "./part-gate.ts";
import { HealthPart } from "./part-health.ts";
import { HomePart } from "./part-home.ts";
import { ProbesPart } from "./part-probes.ts";
import { ServicesPart } from "./part-services.ts";
import { SteeringPart } from "./part-steering.ts";
import { Alive, Counters, Hello, Observation, Report } from "./up.ts";
import { AccessUse } from "./up-access.ts";
import { Egress, EgressRoutes } from "./up-egress.ts";
import { Health } from "./up-health.ts";
import { Machine } from "./up-machine.ts";
import { Quality } from "./up-quality.ts";
import { TraceReport } from "./up-trace.ts";

/** From bytes to typed messages of the contract. Unknown properties are let through: a newer peer may add some. */

export type MessageErrorCode =
  | "too-large"
  | "not-json" // not UTF-8, or not JSON
  | "wrong-version" // a `version` that this program does not speak
  | "wrong-shape"; // JSON, but not this message

/** A message that cannot be used, with the JSON pointer (RFC 6901) of what is wrong with it. */
export class MessageError extends VsixError<MessageErrorCode> {
  /** `/neighbours/3/asn`; empty for the message as a whole. */
  readonly path: string;

  constructor(code: MessageErrorCode, path: string, message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
    this.name = "MessageError";
    this.path = path;
  }
}

/** Octets. A manifest is small; a part is what the manifest schema allows. */
export const MAX_MANIFEST_OCTETS = 64 * 1024;
export const MAX_PART_OCTETS = 8 * 1024 * 1024;
export const MAX_UP_OCTETS = 4 * 1024 * 1024;

const PARTS = {
  fabric: FabricPart,
  bgp: BgpPart,
  steering: SteeringPart,
  probes: ProbesPart,
  epe: EpePart,
  services: ServicesPart,
  health: HealthPart,
  capture: CapturePart,
  access: AccessPart,
  advertise: AdvertisePart,
  home: HomePart,
  gate: GatePart,
} as const;
const UP = {
  alive: Alive,
  hello: Hello,
  report: Report,
  observation: Observation,
  counters: Counters,
  quality: Quality,
  trace: TraceReport,
  egress: Egress,
  "egress-routes": EgressRoutes,
  health: Health,
  access: AccessUse,
  machine: Machine,
} as const;

/** What each part name holds. */
export type PartByName = { readonly [Name in PartName]: Static<(typeof PARTS)[Name]> };
/** What each up kind holds. */
export type UpByKind = { readonly [Kind in keyof typeof UP]: Static<(typeof UP)[Kind]> };

/** Whether this program knows what a part of this name is. */
export function isKnownPart(name: string): boolean {
  return Object.hasOwn(PARTS, name) || isAccessShard(name) || isGateShard(name);
}

/** The payload of a verified envelope. Throws MessageError. */
export function parseManifest(bytes: Uint8Array): Manifest {
  return parseMessage(Manifest, "manifest", bytes, MAX_MANIFEST_OCTETS);
}

/** One part, once its SHA-256 has been compared with the manifest's. Throws MessageError. */
export function parsePart<Name extends PartName>(name: Name, bytes: Uint8Array): PartByName[Name] {
  return parseMessage(PARTS[name], `part ${name}`, bytes, MAX_PART_OCTETS) as PartByName[Name];
}

/** A shard of part `access`, likewise. Throws MessageError. */
export function parseAccessShard(name: string, bytes: Uint8Array): AccessShard {
  return parseMessage(AccessShard, `part ${name}`, bytes, MAX_PART_OCTETS);
}

/** A shard of part `gate`, likewise. Throws MessageError. */
export function parseGateShard(name: string, bytes: Uint8Array): GateShard {
  return parseMessage(GateShard, `part ${name}`, bytes, MAX_PART_OCTETS);
}

/** What a node sent. Throws MessageError. */
export function parseUp<Kind extends keyof UpByKind>(kind: Kind, bytes: Uint8Array): UpByKind[Kind] {
  return parseMessage(UP[kind], kind, bytes, MAX_UP_OCTETS) as UpByKind[Kind];
}

function parseMessage<Schema extends TSchema>(
  schema: Schema,
  what: string,
  bytes: Uint8Array,
  limit: number,
): Static<Schema> {
  if (bytes.length > limit) {
    throw new MessageError("too-large", "", `${what} has ${bytes.length} octets; at most ${limit} are read`);
  }
  const value = parseJson(what, bytes);
  const version = versionOf(value);
  if (version !== undefined && version !== 1) {
    throw new MessageError(
      "wrong-version",
      "/version",
      `${what} has version ${version}; this program speaks version 1`,
    );
  }
  const error = Value.Errors(schema, value).First();
  if (error !== undefined) {
    throw new MessageError("wrong-shape", error.path, `${what}: ${error.path || "/"}: ${error.message}`);
  }
  return value as Static<Schema>;
}

function parseJson(what: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new MessageError("not-json", "", `${what} is not UTF-8 JSON`, { cause });
  }
}

function versionOf(value: unknown): number | undefined {
  const version = (value as { readonly version?: unknown } | null)?.version;
  return typeof version === "number" ? version : undefined;
}

/** WHATWG Encoding: a pure function that every engine has, though the ES library types leave it out. */
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
