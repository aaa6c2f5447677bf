import type { Static, TSchema } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { type JsonUpKind, parseTopic, topics } from "@vsix/shared/contract/topics.ts";
import { Alive, Counters, Hello, Observation, Report } from "@vsix/shared/contract/up.ts";
import { AccessUse } from "@vsix/shared/contract/up-access.ts";
import { Egress, EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import { Health } from "@vsix/shared/contract/up-health.ts";
import { Machine } from "@vsix/shared/contract/up-machine.ts";
import { Quality } from "@vsix/shared/contract/up-quality.ts";
import { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Broker, BrokerMessage } from "./broker.ts";

/** A message from a node that passed every check. */
export type UpMessage =
  | { readonly kind: "alive"; readonly value: Alive }
  | { readonly kind: "hello"; readonly value: Hello }
  | { readonly kind: "report"; readonly value: Report }
  | { readonly kind: "observation"; readonly value: Observation }
  | { readonly kind: "counters"; readonly value: Counters }
  | { readonly kind: "quality"; readonly value: Quality }
  | { readonly kind: "trace"; readonly value: TraceReport }
  | { readonly kind: "egress"; readonly value: Egress }
  | { readonly kind: "egress-routes"; readonly value: EgressRoutes }
  | { readonly kind: "health"; readonly value: Health }
  | { readonly kind: "access"; readonly value: AccessUse }
  | { readonly kind: "machine"; readonly value: Machine };

export type Decoded =
  | { readonly ok: true; readonly message: UpMessage }
  | { readonly ok: false; readonly node: string; readonly reason: string };

/** Octets that each kind may have: nodes are not trusted to be sane. */
export const UP_LIMITS: Readonly<Record<JsonUpKind, number>> = {
  alive: 4 * 1024,
  hello: 1024,
  report: 2 * 1024 * 1024,
  observation: 16 * 1024 * 1024,
  counters: 16 * 1024 * 1024,
  quality: 512 * 1024,
  trace: 512 * 1024,
  egress: 2 * 1024 * 1024,
  "egress-routes": 4 * 1024 * 1024,
  health: 256 * 1024,
  access: 4 * 1024 * 1024,
  machine: 32 * 1024,
};

const decoders = {
  alive: decoder(Alive),
  hello: decoder(Hello),
  report: decoder(Report),
  observation: decoder(Observation),
  counters: decoder(Counters),
  quality: decoder(Quality),
  trace: decoder(TraceReport),
  egress: decoder(Egress),
  "egress-routes": decoder(EgressRoutes),
  health: decoder(Health),
  access: decoder(AccessUse),
  machine: decoder(Machine),
};

/** Parses and checks one message; never throws. `node` is "?" where the topic names none. */
export function decodeUp(topic: string, payload: Uint8Array): Decoded {
  const parsed = parseTopic(topic);
  const kind = parsed?.rest.length === 1 ? parsed.rest[0] : undefined;
  if (parsed === undefined) return { ok: false, node: "?", reason: "topic is not ours" };
  const { node } = parsed;
  if (!isUpKind(kind)) return { ok: false, node, reason: "no such kind of message" };
  if (payload.length > UP_LIMITS[kind]) {
    return { ok: false, node, reason: `${kind} of ${payload.length} octets, ${UP_LIMITS[kind]} are allowed` };
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return { ok: false, node, reason: `${kind} is not JSON` };
  }
  const message = decodeKind(kind, json);
  if (typeof message === "string") return { ok: false, node, reason: `${kind}: ${message}` };
  const speaksFor =
    message.kind === "trace" ? [message.value.node, message.value.trace.source] : [message.value.node];
  if (speaksFor.some((name) => name !== node))
    return { ok: false, node, reason: `${kind} speaks for another node` };
  return { ok: true, message };
}

function decodeKind(kind: JsonUpKind, json: unknown): UpMessage | string {
  const value = decoders[kind](json);
  // Each decoder gives what its own kind holds.
  return typeof value === "string" ? value : ({ kind, value } as UpMessage);
}

/** The value, or the first thing wrong with it. */
function decoder<S extends TSchema>(schema: S): (json: unknown) => Static<S> | string {
  const compiled = TypeCompiler.Compile(schema);
  return (json) => {
    if (compiled.Check(json)) return json;
    const first = compiled.Errors(json).First();
    return `${first?.path || "/"}: ${(first?.message ?? "does not fit").toLowerCase()}`.slice(0, 300);
  };
}

function isUpKind(text: string | undefined): text is JsonUpKind {
  return text !== undefined && Object.hasOwn(UP_LIMITS, text);
}

export interface IngestOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes a well-formed message, or says why not. */
  readonly accept: (message: UpMessage, arrival: { readonly replayed: boolean }) => string | undefined;
}

/** Refused messages since the start, for status. */
export interface IngestCounts {
  readonly accepted: number;
  readonly refused: number;
}

/** Subscribes to everything nodes say. Bad messages are counted, and logged once a node and minute. */
export async function ingest(options: IngestOptions): Promise<() => IngestCounts> {
  const quietUntil = new Map<string, number>();
  let accepted = 0;
  let refused = 0;
  const refuse = (node: string, reason: string): void => {
    refused++;
    const nowMs = options.clock.monotonicMs();
    if (quietUntil.size > 4096) quietUntil.clear();
    if ((quietUntil.get(node) ?? Number.NEGATIVE_INFINITY) > nowMs) return;
    quietUntil.set(node, nowMs + 60_000);
    options.log.warn({ node, reason, refused }, "message from a node refused");
  };
  const handle = ({ topic, payload, replayed }: BrokerMessage): void => {
    // An empty retained message is a cleared topic: it says nothing.
    if (payload.length === 0) return;
    const decoded = decodeUp(topic, payload);
    if (!decoded.ok) {
      refuse(decoded.node, decoded.reason);
      return;
    }
    const refusal = options.accept(decoded.message, { replayed });
    if (refusal === undefined) accepted++;
    else refuse(decoded.message.value.node, refusal);
  };
  for (const kind of Object.keys(decoders).filter(isUpKind)) {
    await options.broker.subscribe(topics.anyUp(kind), handle);
  }
  return () => ({ accepted, refused });
}
