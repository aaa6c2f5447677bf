import type { AdvertisementObject } from "../../resources/router-advertisement/model.ts";
import type { RouterAdvertisement } from "../../wire/router-advertisement.ts";

/** Routers of a link that contradict this one, RFC 4861 section 6.2.7. Nothing of theirs is taken over. */

/** What another one said that does not fit, by its address. */
export type Others = ReadonlyMap<string, { readonly says: string; readonly untilMs: number }>;

export const NO_OTHERS: Others = new Map();
/** Sources are anybody's to make up. */
const MAX_OTHERS = 16;
/** A router that is heard no more is forgotten after its lifetime, and after so long at the latest. */
const MAX_LIFE_MS = 1_800_000;
const MIN_LIFE_MS = 60_000;

/** An advertisement of another router was heard. */
export function afterHeard(
  others: Others,
  own: AdvertisementObject,
  {
    from,
    said,
    nowMs,
  }: { readonly from: string; readonly said: RouterAdvertisement; readonly nowMs: number },
): Others {
  const next = new Map([...others].filter(([, { untilMs }]) => untilMs > nowMs));
  next.delete(from);
  const says = contradictions(own, said);
  const lifeMs = Math.min(MAX_LIFE_MS, Math.max(MIN_LIFE_MS, said.lifetimeS * 1000));
  if (says.length > 0 && next.size < MAX_OTHERS)
    next.set(from, { says: says.join("; "), untilMs: nowMs + lifeMs });
  return next;
}

/** What hosts would take from one or the other of the two by chance. Empty: they agree, or one leaves it open. */
function contradictions(own: AdvertisementObject, said: RouterAdvertisement): readonly string[] {
  const found: string[] = [];
  if (own.mtu !== undefined && said.mtu !== undefined && said.mtu !== own.mtu)
    found.push(`MTU ${said.mtu}, ours is ${own.mtu}`);
  const [theirs] = said.pref64;
  if (own.pref64 !== undefined && theirs !== undefined && !said.pref64.includes(own.pref64))
    found.push(`Pref64 ${theirs}, ours is ${own.pref64} (RFC 8781 section 5.2)`);
  if (said.managed) found.push("addresses by DHCPv6, we do not");
  for (const { prefix, preferredS } of said.prefixes) {
    const ours = own.prefixes.find((one) => one.prefix === prefix);
    if (ours === undefined || preferredS === 0 || preferredS === ours.preferredS) continue;
    found.push(`${prefix} preferred for ${preferredS} s, we say ${ours.preferredS} s`);
    break;
  }
  return found;
}
