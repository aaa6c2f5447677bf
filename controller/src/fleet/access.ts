import { parseTopic, type UpKind } from "@vsix/shared/contract/topics.ts";

/** What a node publishes, by last topic level. */
export const UP_KINDS: ReadonlySet<string> = new Set<UpKind>([
  "alive",
  "hello",
  "report",
  "observation",
  "counters",
  "quality",
  "trace",
  "egress",
  "egress-routes",
  "health",
  "access",
  "machine",
  "dns",
]);

/** What a client wants to do at the embedded broker. */
export interface AccessRequest {
  readonly action: "publish" | "subscribe";
  /** Topic, or filter to subscribe. */
  readonly topic: string;
  /** Who asks, by its certificate; undefined on a listener that asks for none. */
  readonly node: string | undefined;
}

/** The MQTT client id of a node's agent: a certificate may use no other. */
export function clientIdOf(node: string): string {
  return `vsix-agent-${node}`;
}

/**
 * The one place that decides what a client of the embedded broker may do: a node speaks and listens under its own name
 * only, nobody but the controller publishes manifests and parts, nobody listens to all nodes. The files for a mosquitto say
 * the same (mosquitto-files.ts).
 */
export function mayAccess(request: AccessRequest): boolean {
  const parsed = parseTopic(request.topic);
  if (parsed === undefined) return false;
  if (request.node !== undefined && parsed.node !== request.node) return false;
  const [level, more, tooMuch] = parsed.rest;
  if (level === undefined || tooMuch !== undefined) return false;
  if (request.action === "publish") return UP_KINDS.has(level) && more === undefined;
  if (level === "part") return more !== undefined && more !== "#";
  return more === undefined && (level === "manifest" || level === "dns-ack" || UP_KINDS.has(level));
}
