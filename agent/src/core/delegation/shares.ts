import { accessShardOf } from "@vsix/shared/contract/part-access.ts";
import type { DesiredDelegation } from "./desired.ts";

/**
 * Tunnels are shared out to several servers, for one reads all of its own anew when one of them changes, and answers nobody meanwhile
 * (agent/ACCESS.md). A power of two, so that half of a server's tunnels stay where they are when there are twice as many servers.
 */
export const MOST_SHARES = 16;
/** Of one server. */
const MOST_TUNNELS = 512;
/** Fewer than this on the average, and there are half as many servers: far enough from the other bound that nobody moves to and fro. */
const FEWEST_TUNNELS = 128;

/** How many servers, where there are `before` now, or parts of so many; at least 1. */
export function sharesFor(tunnels: number, before: number): number {
  let shares = 1;
  while (shares < Math.min(MOST_SHARES, before)) shares *= 2;
  while (shares < MOST_SHARES && tunnels > shares * MOST_TUNNELS) shares *= 2;
  while (shares > 1 && tunnels < shares * FEWEST_TUNNELS) shares /= 2;
  return shares;
}

/** Which of them a tunnel is with. */
export function shareOf(interfaceName: string, shares: number): number {
  return accessShardOf(interfaceName, shares);
}

/** What each of them is to tell. */
export function shareOut(delegation: DesiredDelegation, shares: number): readonly DesiredDelegation[] {
  const tunnels = Map.groupBy(delegation.tunnels, ({ interface: name }) => shareOf(name, shares));
  return Array.from({ length: shares }, (_, share) => ({ ...delegation, tunnels: tunnels.get(share) ?? [] }));
}
