import { type NetboxWish, type OwnPool, wishOfPool, wishOfPrefix } from "../core/access/netbox-forms.ts";
import { FROM_NETBOX, type OwnSide } from "../core/access/netbox-plan.ts";
import type { PrefixTable } from "../store/access/schema.ts";
import type { StoreReader } from "../store/reader.ts";

const PAGE = 10_000;

/** Pools and prefixes as NetBox should have them. */
export async function ownSide({ addresses }: StoreReader): Promise<readonly OwnSide[]> {
  const pools = new Map<string, OwnPool>((await addresses.pools()).map((pool) => [pool.name, pool]));
  const sides: OwnSide[] = [...pools.values()].map((pool) => ({ wish: wishOfPool(pool), adopted: false }));
  let after: string | undefined;
  for (;;) {
    const rows = await addresses.prefixes({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const row of rows) {
      const pool = pools.get(row.pool);
      if (pool !== undefined) sides.push({ wish: wishOfPrefix(row, pool), adopted: isAdopted(row) });
    }
    if (rows.length < PAGE) return sides;
    after = rows.at(-1)?.start;
  }
}

/** Whatever NetBox is to be told of, for a file. */
export async function ownWishes(reader: StoreReader): Promise<readonly NetboxWish[]> {
  return (await ownSide(reader)).map(({ wish }) => wish);
}

export function isAdopted({ state, note }: PrefixTable): boolean {
  return state === "reserved" && note.startsWith(FROM_NETBOX);
}
