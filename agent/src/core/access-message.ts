import { type AccessPart, accessShardOf } from "@vsix/shared/contract/part-access.ts";
import {
  type AccessPeerState,
  type AccessUse,
  type AccessUserState,
  MAX_TOLD,
} from "@vsix/shared/contract/up-access.ts";
import { faultOfPeer, faultOfSrv6, faultOfTunnel, type KindStandings } from "./access-standing.ts";
import { type DesiredAccess, wireguardName } from "./compile/access.ts";

/** What the kernel counted of users. */
export interface UserCounts {
  /** By device. */
  readonly tunnels: ReadonlyMap<string, Omit<AccessUserState, "id" | "fault">>;
  /** By the address of the user's router. */
  readonly srv6: ReadonlyMap<string, Omit<AccessUserState, "id" | "fault">>;
  /** By device and public key: `DEVICE KEY`. */
  readonly peers: ReadonlyMap<string, Omit<AccessPeerState, "device" | "publicKey" | "fault">>;
}

export const NO_COUNTS: UserCounts = { tunnels: new Map(), srv6: new Map(), peers: new Map() };

/** With leases by device, until when: milliseconds since the epoch. */
export function withLeases(counts: UserCounts, leases: ReadonlyMap<string, number>): UserCounts {
  if (leases.size === 0) return counts;
  const tunnels = new Map(counts.tunnels);
  for (const [name, leaseUntilMs] of leases) tunnels.set(name, { ...tunnels.get(name), leaseUntilMs });
  return { ...counts, tunnels };
}

export type ShardUsers = Pick<AccessUse, "tunnels" | "srv6" | "peers">;

/** Users shard by shard, as the kernel serves them. */
export function usersByShard(
  frame: AccessPart,
  desired: DesiredAccess,
  kinds: KindStandings,
  counts: UserCounts,
): readonly ShardUsers[] {
  const shards = Array.from({ length: Math.max(1, frame.shards) }, () => ({
    tunnels: [] as AccessUserState[],
    srv6: [] as AccessUserState[],
    peers: [] as AccessPeerState[],
  }));
  const shardOf = (key: string) => shards[accessShardOf(key, frame.shards)];
  for (const user of desired.users.tunnels)
    shardOf(user.id)?.tunnels.push({
      id: user.id,
      ...fault(faultOfTunnel(kinds, user)),
      ...counts.tunnels.get(user.name),
    });
  const noSid = desired.waiting.get("sid of srv6 access");
  for (const user of desired.users.srv6)
    shardOf(user.id)?.srv6.push({
      id: user.id,
      ...fault(noSid ?? faultOfSrv6(kinds, user)),
      ...counts.srv6.get(user.endpoint),
    });
  for (const { device, publicKey } of desired.users.peers) {
    const shard = shardOf(publicKey);
    if (shard === undefined || shard.peers.length >= MAX_TOLD) continue;
    const name = wireguardName(device);
    const why = desired.waiting.get(`wireguard ${name}`) ?? faultOfPeer(kinds, { device: name, publicKey });
    shard.peers.push({ device, publicKey, ...fault(why), ...counts.peers.get(`${device} ${publicKey}`) });
  }
  return shards;
}

/** What of a shard is worth telling at once: who is in it, and what is wrong. */
export function shardMark({ tunnels, srv6, peers }: ShardUsers): string {
  const user = ({ id, fault: why = "" }: AccessUserState): string => `${id} ${why}`;
  return [
    tunnels.map(user).join("\n"),
    srv6.map(user).join("\n"),
    peers.map(({ device, publicKey, fault: why = "" }) => `${device} ${publicKey} ${why}`).join("\n"),
  ].join("\n\n");
}

function fault(reason: string | undefined): { readonly fault?: string } {
  return reason === undefined ? {} : { fault: reason.replace(/[^ -~]/g, "?").slice(0, 200) };
}
