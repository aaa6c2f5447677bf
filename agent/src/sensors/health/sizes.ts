import type { MtuOutcome, SizeOutcome } from "../../core/health/model.ts";
import type { EchoAnswer, Echoes } from "./echoes.ts";

/** Packets of one size; one of them lost says nothing yet. */
const TRIES = 3;
const MAX_HOPS = 24;
/** Hops in a row that say nothing: further ones will not either. */
const MUTE_HOPS = 3;
const SMALL = 104;

/**
 * Which sizes come through whole, and where those that vanish without a word do: probes of that size are sent with growing hop
 * limits, and small ones beside them, so that a router which never says anything is not taken for the place.
 */
export async function probeSizes(
  echoes: Pick<Echoes, "one">,
  address: string,
  sizes: readonly number[],
  signal: AbortSignal,
): Promise<MtuOutcome> {
  const sorted = sizes.toSorted((a, b) => a - b);
  const found = await Promise.all(sorted.map((size) => probe(echoes, address, size, signal)));
  const lost = found.find(({ how }) => how === "lost");
  const behind = lost === undefined ? undefined : await lastBefore(echoes, address, lost.size, signal);
  return { kind: "mtu", address, sizes: found, ...(behind === undefined ? {} : { lostBehind: behind }) };
}

async function probe(
  echoes: Pick<Echoes, "one">,
  address: string,
  size: number,
  signal: AbortSignal,
): Promise<SizeOutcome> {
  for (let i = 0; i < TRIES; i++) {
    signal.throwIfAborted();
    const answer = await echoes.one(address, { size });
    if (answer.kind === "reply") return { size, how: "passes" };
    if (answer.kind === "too-big") return { size, how: "told", from: answer.from, mtu: answer.mtu };
    if (answer.kind === "refused") return { size, how: "not-sent" };
  }
  return { size, how: "lost" };
}

async function lastBefore(
  echoes: Pick<Echoes, "one">,
  address: string,
  size: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let last: string | undefined;
  let mute = 0;
  for (let hopLimit = 1; hopLimit <= MAX_HOPS && mute < MUTE_HOPS; hopLimit++) {
    signal.throwIfAborted();
    const [large, small] = await Promise.all([
      twice(() => echoes.one(address, { size, hopLimit, timeoutMs: 500 })),
      twice(() => echoes.one(address, { size: SMALL, hopLimit, timeoutMs: 500 })),
    ]);
    if (large.kind === "exceeded") {
      last = large.from;
      mute = 0;
    } else if (small.kind !== "silent") return last;
    else mute++;
  }
  return last;
}

async function twice(ask: () => Promise<EchoAnswer>): Promise<EchoAnswer> {
  const answer = await ask();
  return answer.kind === "silent" ? ask() : answer;
}
