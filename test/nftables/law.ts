import assert from "node:assert/strict";
import { compileFilters } from "@vsix/agent/core/filters.ts";
import { nftablesDriver } from "@vsix/agent/resources/nftables/driver.ts";
import { type NftRuleset, nftablesKind } from "@vsix/agent/resources/nftables/model.ts";
import type { NftCounter } from "@vsix/agent/wire/netlink/nft-counter.ts";
import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate } from "@vsix/shared/contract/part-gate.ts";
import { nftIn, run } from "./namespaces.ts";

const FOREVER = new AbortController().signal;

/** Looks, changes what differs, looks again: what the reconcile loop does for this one kind. Says what it did. */
export async function reconcile(
  ns: string,
  part: FabricPart,
  egress?: EgressPart,
  gate?: Gate,
): Promise<"create" | "replace" | "nothing"> {
  const desired = desiredOf(part, egress, gate);
  const op = await difference(ns, desired);
  if (op === "nothing") return op;
  const key = nftablesKind.key(desired);
  const [observed] = await observe(ns);
  const change =
    observed === undefined
      ? ({ op: "create", key, desired } as const)
      : ({ op: "replace", key, desired, observed } as const);
  const outcomes = await nftablesDriver(nftIn(ns)).apply([change], FOREVER);
  assert.deepEqual(outcomes, [{ key, ok: true }]);
  assert.equal(await difference(ns, desired), "nothing", "a plan right after an apply is empty");
  return op;
}

/** What a plan would do now. */
export async function plan(
  ns: string,
  part: FabricPart,
  egress?: EgressPart,
  gate?: Gate,
): Promise<"create" | "replace" | "nothing"> {
  return difference(ns, desiredOf(part, egress, gate));
}

function desiredOf(part: FabricPart, egress: EgressPart | undefined, gate: Gate | undefined): NftRuleset {
  return nftablesKind.normalise(
    compileFilters(part, undefined, undefined, undefined, egress, undefined, gate),
  );
}

export async function observe(ns: string): Promise<readonly NftRuleset[]> {
  return nftablesDriver(nftIn(ns)).observe(FOREVER);
}

/** The named counters of our table as nft(8) prints them. */
export function counters(ns: string): readonly NftCounter[] {
  const { nftables } = JSON.parse(run(...nftIn(ns), "-j", "list", "counters", "table", "inet", "vsix")) as {
    readonly nftables: readonly { readonly counter?: NftCounter }[];
  };
  return nftables.flatMap(({ counter }) =>
    counter === undefined ? [] : [{ name: counter.name, packets: counter.packets, bytes: counter.bytes }],
  );
}

/** Packets by counter name. */
export function packets(ns: string): Readonly<Record<string, number>> {
  return Object.fromEntries(counters(ns).map((counter) => [counter.name, counter.packets]));
}

async function difference(ns: string, desired: NftRuleset): Promise<"create" | "replace" | "nothing"> {
  const [observed] = await observe(ns);
  if (observed === undefined) return "create";
  return nftablesKind.equal(desired, observed) ? "nothing" : "replace";
}
