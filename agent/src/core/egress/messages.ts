import { type Egress, MAX_EGRESS_ROWS } from "@vsix/shared/contract/up-egress.ts";
import type { EgressLedger } from "./ledger.ts";
import type { EgressPlan } from "./plan.ts";

/** Characters of JSON that a message is about at most: so none blocks the process, or the broker, for long. */
const MAX_SHARD_LENGTH = 200_000;
const MAX_SHARDS = 1024;
const CELL_LENGTH = 80;
const RTT_LENGTH = 8;

type Row = Egress["rows"][number];

export interface Told {
  readonly plan: EgressPlan;
  readonly ledger: EgressLedger;
  readonly isBackedOff: (address: string) => boolean;
}

/** Destinations [from, to) of each message of a cycle. At least one, for a cycle without destinations was one too. */
export function shardsOf(plan: EgressPlan): readonly { readonly from: number; readonly to: number }[] {
  const cellLength = CELL_LENGTH + RTT_LENGTH * plan.probes;
  const total = plan.cells * cellLength;
  const most = Math.max(MAX_SHARD_LENGTH, total / (MAX_SHARDS / 2));
  const shards: { from: number; to: number }[] = [];
  let length = 0;
  plan.destinations.forEach(({ peers }, i) => {
    const last = shards.at(-1);
    const add = peers.length * cellLength;
    if (last === undefined || last.to - last.from >= MAX_EGRESS_ROWS || length + add > most) {
      shards.push({ from: i, to: i + 1 });
      length = add;
    } else {
      last.to = i + 1;
      length += add;
    }
  });
  return shards.length === 0 ? [{ from: 0, to: 0 }] : shards;
}

/** What is told of some destinations. */
export function rowsOf({ plan, ledger, isBackedOff }: Told, from: number, to: number): Row[] {
  return plan.destinations.slice(from, to).map(({ address, peers, firstCell }) => ({
    address,
    ...(isBackedOff(address) ? { backedOff: true } : {}),
    cells: peers.map((peer, i) => ({ peer, ...ledger.cell(firstCell + i) })),
  }));
}
