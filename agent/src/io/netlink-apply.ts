import { setTimeout as sleep } from "node:timers/promises";
import type { Change, Kind, Outcome } from "../core/kind.ts";
import { NLM_F } from "../wire/netlink/constants.ts";
import type { NetlinkWriter } from "../wire/netlink/writer.ts";
import type { NetlinkSocket } from "./netlink.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";

/** How the changes of one kind become netlink requests. */
export interface NetlinkApply<T> {
  readonly netlink: Pick<NetlinkSocket, "batch">;
  readonly kind: Kind<T>;
  /** Writes "make this"; `flags` holds NLM_F_CREATE with EXCL or REPLACE. */
  readonly encodePut: (writer: NetlinkWriter, flags: number, sequence: number, desired: T) => void;
  readonly encodeDelete: (writer: NetlinkWriter, flags: number, sequence: number, observed: T) => void;
  /** Our own objects as they are now: looked at when a create finds its place taken. */
  readonly observe: (signal: AbortSignal) => Promise<readonly T[]>;
  /** The places of `changes` in the order in which to make them, where the order given is not the best. */
  readonly order?: (changes: readonly Change<T>[]) => Uint32Array | undefined;
}

/** Deleting what is not there is done; so is deleting what went with its device. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ESRCH, ERRNO.ENODEV, ERRNO.EADDRNOTAVAIL]);

/**
 * Makes changes, in order if no other is asked for, and says what became of each. A create never takes the place of an object that is not ours:
 * where something is there already, it is replaced if it is our own and left alone if not.
 * @throws NetlinkTransportError, the signal's reason.
 */
export async function applyChanges<T>(
  how: NetlinkApply<T>,
  changes: readonly Change<T>[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const order = how.order?.(changes);
  const failures = await sendUntilThereIsMemory(
    changes.length,
    (count, stepAt) =>
      how.netlink.batch(
        count,
        (writer, flags, sequence, place) => {
          const step = stepAt(place);
          const change = changes[order === undefined ? step : (order[step] ?? step)];
          if (change === undefined) return;
          if (change.op === "delete") how.encodeDelete(writer, flags, sequence, change.observed);
          else how.encodePut(writer, flags | putFlags(change.op), sequence, change.desired);
        },
        signal,
      ),
    signal,
  );
  const refused = new Map<number, NetlinkError>();
  const taken: number[] = [];
  for (const [step, failure] of failures) {
    const index = order?.[step] ?? step;
    const { errno } = failure;
    const op = changes[index]?.op;
    if (op !== "delete" || !GONE.has(errno)) refused.set(index, failure);
    if (op === "create" && errno === ERRNO.EEXIST) taken.push(index);
  }
  if (taken.length > 0) await retakePlaces(how, changes, taken, refused, signal);
  if (refused.size === 0) return changes.map(({ key }) => ({ key, ok: true }));
  return changes.map(({ key }, index) => outcome(key, refused.get(index)));
}

/** Milliseconds in which the kernel makes room, and how often in a row that may have been in vain. */
const ROOM_MS = 5;
const ROOM_ATTEMPTS = 40;

/**
 * Every encapsulation has per-CPU counters, which the kernel takes out of a small store without waiting and fills up again in the
 * background (mm/percpu.c, pcpu_balance_workfn): thousands at once empty it, and what is refused then is made a moment later.
 */
async function sendUntilThereIsMemory(
  count: number,
  send: (count: number, stepAt: (place: number) => number) => Promise<ReadonlyMap<number, NetlinkError>>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetlinkError>> {
  const first = await send(count, (place) => place);
  const isShort = ({ errno }: NetlinkError): boolean => errno === ERRNO.ENOMEM;
  let short = [...first].filter(([, failure]) => isShort(failure)).map(([step]) => step);
  if (short.length === 0) return first;
  const failures = new Map(first);
  for (let attempts = 0; short.length > 0 && attempts < ROOM_ATTEMPTS; ) {
    await sleep(ROOM_MS, undefined, { signal });
    const steps = short;
    const again = await send(steps.length, (place) => steps[place] ?? 0);
    for (const [place, step] of steps.entries()) {
      const failure = again.get(place);
      if (failure === undefined) failures.delete(step);
      else failures.set(step, failure);
    }
    short = steps.filter((step) => {
      const failure = failures.get(step);
      return failure !== undefined && isShort(failure);
    });
    attempts = short.length < steps.length ? 0 : attempts + 1;
  }
  return failures;
}

function putFlags(op: "create" | "replace"): number {
  return NLM_F.CREATE | (op === "create" ? NLM_F.EXCL : NLM_F.REPLACE);
}

/** Creates that met EEXIST: our own objects (unknown to whoever planned) are replaced; others keep their place. */
async function retakePlaces<T>(
  how: NetlinkApply<T>,
  changes: readonly Change<T>[],
  taken: readonly number[],
  refused: Map<number, NetlinkError>,
  signal: AbortSignal,
): Promise<void> {
  const own = new Map((await how.observe(signal)).map((object) => [how.kind.key(object), object]));
  const again: { readonly index: number; readonly desired: T }[] = [];
  for (const index of taken) {
    const change = changes[index];
    if (change === undefined || change.op === "delete") continue;
    const present = own.get(change.key);
    if (present === undefined)
      refused.set(index, new NetlinkError(ERRNO.EEXIST, "the place is taken by an object that is not ours"));
    else if (how.kind.equal(change.desired, present)) refused.delete(index);
    else again.push({ index, desired: change.desired });
  }
  const failures = await how.netlink.batch(
    again.length,
    (writer, flags, sequence, place) => {
      const change = again[place];
      if (change !== undefined) how.encodePut(writer, flags | putFlags("replace"), sequence, change.desired);
    },
    signal,
  );
  for (const [place, { index }] of again.entries()) {
    const failure = failures.get(place);
    if (failure === undefined) refused.delete(index);
    else refused.set(index, failure);
  }
}

/** The outcome of one change. */
export function outcome(key: string, failure: NetlinkError | undefined): Outcome {
  return failure === undefined
    ? { key, ok: true }
    : { key, ok: false, errno: failure.errno, reason: failure.message };
}
