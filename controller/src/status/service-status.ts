import type { Report } from "@vsix/shared/contract/up.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { announcedBy } from "@vsix/shared/fabric/services-model.ts";
import type { NodeStatus } from "./model.ts";

/** How a node's service is, as its agent asked it; null where it has none. */
export function serviceStatus(
  { services }: Fabric,
  node: FabricNode,
  report: Report | undefined,
): NodeStatus["service"] {
  const kind = node.service;
  if (kind === undefined) return null;
  const name = kind === "resolver" ? "resolver" : "translator";
  const told = report?.services?.find((one) => one.name === name);
  return {
    kind,
    announces: announcedBy(services, node).map(({ prefix }) => prefix),
    working: told?.working ?? false,
    since: told?.since ?? null,
    reason: told === undefined ? "its agent has told nothing of it" : told.reason,
    starts: told?.starts ?? 0,
    looks: told?.looks ?? 0,
    failed: told?.failed ?? 0,
  };
}
