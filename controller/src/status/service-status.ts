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
  const announced = announcedBy(services, node);
  const names = new Set(announced.map(({ service }) => service));
  const all = (report?.services ?? []).filter(({ name }) => names.has(name));
  // Where there are two, the one that does not work.
  const told = all.find(({ working }) => !working) ?? all[0];
  return {
    kind,
    announces: announced.map(({ prefix }) => prefix),
    working: told?.working ?? false,
    since: told?.since ?? null,
    reason: told === undefined ? "its agent has told nothing of it" : told.reason,
    starts: told?.starts ?? 0,
    looks: told?.looks ?? 0,
    failed: told?.failed ?? 0,
  };
}
