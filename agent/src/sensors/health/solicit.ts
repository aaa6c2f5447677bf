import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdvertisementFacts } from "../../core/health/model.ts";
import { NdSocket, type ReceivedNd } from "../../io/nd-socket.ts";
import { encodeNeighbourSolicitation, neighbourOf, solicitedNodeOf } from "../../wire/neighbour-discovery.ts";
import {
  AdvertisementDecodeError,
  decodeRouterAdvertisement,
  encodeRouterSolicitation,
  type RouterAdvertisement,
} from "../../wire/router-advertisement.ts";

const ALL_ROUTERS = "ff02::2";
const ALL_NODES_DELAY_MS = 400;
/** RFC 4861 section 6.2.6: an answer may wait half a second, or three where one was just given to all. */
const PATIENT_MS = 3800;
const BRISK_MS = 1200;
const NEIGHBOUR_TRIES = 3;
const NEIGHBOUR_WAIT_MS = 500;

/** Asks the routers of a link for an advertisement; the first that comes counts. `expected`: one has come before. */
export async function solicitRouter(
  interfaceIndex: number,
  expected: boolean,
  signal: AbortSignal,
): Promise<AdvertisementFacts> {
  const heard = Promise.withResolvers<{ from: string; said: RouterAdvertisement }>();
  const receive = (received: ReceivedNd): void => {
    if (received.interfaceIndex !== interfaceIndex) return;
    try {
      heard.resolve({ from: received.source, said: decodeRouterAdvertisement(received.bytes) });
    } catch (error) {
      if (!(error instanceof AdvertisementDecodeError)) throw error; // a neighbour's, or somebody's nonsense
    }
  };
  try {
    await using socket = new NdSocket(receive);
    const done = new AbortController();
    const until = AbortSignal.any([signal, done.signal]);
    const asking = (async () => {
      for (let i = 0; i < 3; i++) {
        socket.send(encodeRouterSolicitation(), ALL_ROUTERS, interfaceIndex);
        await sleep(ALL_NODES_DELAY_MS, undefined, { signal: until });
      }
      await sleep((expected ? PATIENT_MS : BRISK_MS) - 3 * ALL_NODES_DELAY_MS, undefined, { signal: until });
      return {};
    })();
    asking.catch(() => undefined);
    try {
      return await Promise.race([heard.promise, asking]);
    } finally {
      done.abort();
    }
  } catch (error) {
    signal.throwIfAborted();
    return { fault: `cannot solicit: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Whether a neighbour answers a solicitation; undefined where it cannot be asked. */
export async function isNeighbourThere(
  address: string,
  { index, name }: { readonly index: number; readonly name: string },
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const message = encodeNeighbourSolicitation(address, await linkAddressOf(name));
  const group = solicitedNodeOf(address);
  if (message === undefined || group === undefined) return undefined;
  let there = false;
  const heard = new AbortController();
  try {
    await using socket = new NdSocket(({ interfaceIndex, bytes }) => {
      if (interfaceIndex !== index || neighbourOf(bytes) !== address) return;
      there = true;
      heard.abort();
    });
    for (let i = 0; i < NEIGHBOUR_TRIES && !there; i++) {
      socket.send(message, group, index);
      const until = AbortSignal.any([signal, heard.signal]);
      await sleep(NEIGHBOUR_WAIT_MS, undefined, { signal: until }).catch(() => undefined);
      signal.throwIfAborted();
    }
    return there;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function linkAddressOf(name: string): Promise<Uint8Array | undefined> {
  try {
    const text = (await readFile(`/sys/class/net/${name}/address`, "utf8")).trim();
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)
      ? Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16))
      : undefined;
  } catch {
    return undefined; // a device of another namespace, or without such an address
  }
}
