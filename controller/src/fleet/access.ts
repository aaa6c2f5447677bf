import { parseTopic, type UpKind } from "@vsix/shared/contract/topics.ts";

const UP_KINDS: ReadonlySet<string> = new Set<UpKind>(["alive", "report", "observation", "counters"]);

/** What a client wants to do at the embedded broker. */
export interface AccessRequest {
  readonly action: "publish" | "subscribe";
  /** Topic, or filter to subscribe. */
  readonly topic: string;
  readonly clientId: string;
}

/**
 * The one place that decides what a client of the embedded broker may do. Nodes do not prove who they are yet, so only
 * the shape is checked: nobody but the controller publishes manifests and parts, and nobody listens to all nodes.
 */
export function mayAccess(request: AccessRequest): boolean {
  const parsed = parseTopic(request.topic);
  if (parsed === undefined) return false;
  const [level, more, tooMuch] = parsed.rest;
  if (level === undefined || tooMuch !== undefined) return false;
  if (request.action === "publish") return UP_KINDS.has(level) && more === undefined;
  if (level === "part") return more !== undefined && more !== "#";
  return more === undefined && (level === "manifest" || UP_KINDS.has(level));
}
