import { createHash } from "node:crypto";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { compileAll } from "../core/compile.ts";
import { withCaptureKey } from "../core/compile-capture.ts";
import type { TraceOrders } from "../core/compile-traces.ts";
import { diffParts } from "../core/diff.ts";
import type { EpeInForce } from "../core/epe/in-force.ts";
import type { Intent } from "../core/intent.ts";
import { listParts } from "../core/parts.ts";
import type { CompiledNode } from "./document.ts";

/** Every managed node's document: compiled, given the secret that is its own to have, as bytes, hashed. */
export function compileDocuments(
  fabric: Fabric,
  intent: Intent,
  orders: TraceOrders,
  epe: EpeInForce | undefined,
  captureKey: string,
): readonly CompiledNode[] {
  return [...compileAll(fabric, intent, orders, epe)].map(([node, parts]) => ({
    node,
    parts: listParts(withCaptureKey(parts, captureKey)).map(({ name, bytes }) => ({
      name,
      bytes,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    })),
  }));
}

/** What changes on one node, in lines for people. */
export interface NodeDiff {
  readonly node: string;
  readonly change: "added" | "changed" | "removed";
  readonly lines: readonly string[];
}

/** What the fleet is compiled from. */
export interface Compiled {
  readonly fabric: Fabric;
  readonly intent: Intent;
  readonly orders: TraceOrders;
  readonly epe?: EpeInForce;
}

/** What changes on every node from one fleet to another; nodes that stay as they are do not appear. */
export function diffFleet(before: Compiled | undefined, after: Compiled): readonly NodeDiff[] {
  const old: ReturnType<typeof compileAll> =
    before === undefined ? new Map() : compileAll(before.fabric, before.intent, before.orders, before.epe);
  const now = compileAll(after.fabric, after.intent, after.orders, after.epe);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((node): NodeDiff[] => {
    const lines = diffParts(old.get(node), now.get(node));
    if (lines.length === 0) return [];
    const change = !old.has(node) ? "added" : now.has(node) ? "changed" : "removed";
    return [{ node, change, lines }];
  });
}
