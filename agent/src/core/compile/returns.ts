import type { FabricPart, InterfacePart } from "@vsix/shared/contract/part-fabric.ts";
import { RETURN_PRIORITY, STEERED_MARK, TABLE_RETURN } from "../ownership.ts";
import type { DesiredRule } from "./overrides.ts";

export interface SteeredReturn {
  readonly port: InterfacePart;
  readonly table: number;
  readonly rule: DesiredRule;
}

/**
 * At an External Edge: a steered packet whose peer is gone and for whose destination no other peer of this node tells a route goes
 * back to the plane router that brought it, whose BGP knows the other External Edges (here their routes are not taken: an
 * External Edge is no way between planes). Only what came in to a SID of ours does so, told by its mark (core/filters.ts), and
 * it comes back plain: it can return once, never go round.
 */
export function compileReturns(part: FabricPart, up: readonly InterfacePart[]): readonly SteeredReturn[] {
  if (part.node.role !== "external-edge") return [];
  return part.interfaces.flatMap((port, i): SteeredReturn[] => {
    if (port.faces !== "plane" || !up.includes(port)) return [];
    const table = TABLE_RETURN + i;
    return [{ port, table, rule: { priority: RETURN_PRIORITY, iif: port.name, mark: STEERED_MARK, table } }];
  });
}
