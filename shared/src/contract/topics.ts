/** MQTT topics of contract version 1. A node touches only topics below its own name. Node names are [a-z0-9-]. */

const ROOT = "vsix/v1";

/** What a node sends, by last topic level. */
export type UpKind =
  | "alive"
  | "hello"
  | "report"
  | "observation"
  | "counters"
  | "quality"
  | "trace"
  | "egress"
  | "egress-routes"
  | "health"
  | "access"
  | "machine"
  | "dns";
/** Those whose messages are JSON. */
export type JsonUpKind = Exclude<UpKind, "dns">;

export const topics = {
  /** Retained envelope, controller to node. */
  manifest: (node: string): string => `${ROOT}/${node}/manifest`,
  /** Retained bytes of one part, controller to node. */
  part: (node: string, sha256: string): string => `${ROOT}/${node}/part/${sha256}`,
  /** All parts of a node, to subscribe. */
  parts: (node: string): string => `${ROOT}/${node}/part/+`,
  /** Retained, with a last will; node to controller. */
  up: (node: string, kind: UpKind): string => `${ROOT}/${node}/${kind}`,
  /** Retained, controller to node: which DNS batches it has. */
  dnsAck: (node: string): string => `${ROOT}/${node}/dns-ack`,
  /** One kind from every node, to subscribe. */
  anyUp: (kind: UpKind): string => `${ROOT}/+/${kind}`,
} as const;

/** Splits `vsix/v1/NODE/LEVEL…`; undefined for any other topic. */
export function parseTopic(
  topic: string,
): { readonly node: string; readonly rest: readonly string[] } | undefined {
  const [root, version, node, ...rest] = topic.split("/");
  if (`${root}/${version}` !== ROOT || node === undefined || !/^[a-z0-9-]{1,63}$/.test(node))
    return undefined;
  return { node, rest };
}
