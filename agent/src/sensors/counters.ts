import { setTimeout as delay } from "node:timers/promises";
import { destinationOf } from "../core/destination-counters.ts";
import { inCounter, outCounter } from "../core/filters.ts";
import { NFT_TABLE } from "../core/ownership.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import {
  decodeCounter,
  encodeCounterDump,
  NEW_OBJECT,
  type NftCounter,
} from "../wire/netlink/nft-counter.ts";

/** Packets forwarded through one port that faces an Edge, since our nftables table was made. */
export interface PortCounters {
  readonly interface: string;
  /** From the Edge into the plane. */
  readonly inPackets: number;
  /** From the plane to the Edge. */
  readonly outPackets: number;
}

/** Pairs the counters of each port; ports in the order of their names, drop counters left out. */
export function pairPortCounters(counters: readonly NftCounter[]): PortCounters[] {
  const packets = new Map(counters.map((counter) => [counter.name, counter.packets]));
  const prefix = inCounter("");
  return counters
    .filter(({ name }) => name.startsWith(prefix))
    .map((counter) => {
      const port = counter.name.slice(prefix.length);
      return { interface: port, inPackets: counter.packets, outPackets: packets.get(outCounter(port)) ?? 0 };
    })
    .sort((a, b) => (a.interface < b.interface ? -1 : 1));
}

/** What Edges sent to each destination that is counted. */
export function destinationOctets(
  counters: readonly NftCounter[],
): { readonly prefix: string; readonly octets: number }[] {
  return counters.flatMap(({ name, bytes }) => {
    const prefix = destinationOf(name);
    return prefix === undefined ? [] : [{ prefix, octets: bytes }];
  });
}

/**
 * Every named counter of our table, drops (`drop-…`) included; none where there is no table. `netfilter` is a socket of
 * NETLINK_NETFILTER: a child process each second was a third of an idle agent's processor time. Throws NetlinkError.
 */
export function readCounters(netfilter: NetlinkSocket, signal: AbortSignal): Promise<readonly NftCounter[]> {
  return netfilter.dump(
    (writer, flags, sequence) => encodeCounterDump(writer, flags, sequence, NFT_TABLE),
    ({ type, payload }) => (type === NEW_OBJECT ? decodeCounter(payload, NFT_TABLE) : undefined),
    signal,
  );
}

export interface CounterWatch {
  readonly intervalMs: number;
  readonly onCounters: (counters: readonly NftCounter[]) => void;
  /** A reading that failed; the watch goes on. */
  readonly onError: (error: unknown) => void;
  readonly read: (signal: AbortSignal) => Promise<readonly NftCounter[]>;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Reads the counters at once and then every `intervalMs` after the last reading. Returns when the signal aborts. */
export async function watchPortCounters(watch: CounterWatch, signal: AbortSignal): Promise<void> {
  const sleep = watch.sleep ?? ((ms, stop) => delay(ms, undefined, { signal: stop }));
  while (!signal.aborted) {
    try {
      watch.onCounters(await watch.read(signal));
    } catch (error) {
      if (signal.aborted) return;
      watch.onError(error);
    }
    try {
      await sleep(watch.intervalMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}
