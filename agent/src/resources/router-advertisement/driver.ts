import { type EndedPrefix, endedPrefixes } from "../../core/advertise/telling.ts";
import {
  type Now,
  type RememberedLink,
  recall,
  remember,
  silent,
  type Told,
  toldAfter,
} from "../../core/advertise/told.ts";
import type { Change, Outcome } from "../../core/kind.ts";
import type { LinkTable } from "../../io/links.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import type { Driver } from "../driver.ts";
import type { AdvertisedMemory } from "./memory.ts";
import type { AdvertisementObject } from "./model.ts";
import { AdvertisementSender, type SenderOptions } from "./sender.ts";

/** The driver, and what belongs to its senders' lives. */
export interface AdvertisementDriver extends Driver<AdvertisementObject>, AsyncDisposable {
  /** What is wrong, by interface. */
  readonly troubles: ReadonlyMap<string, readonly string[]>;
  /** What hosts are told the end of, as of now. */
  readonly ended: readonly EndedPrefix[];
  /** A link has come up. */
  linkUp(name: string): void;
  /** Whether a former life told something there, and this one has not spoken yet. */
  remembers(name: string): boolean;
}

export interface AdvertisementDriverOptions extends Omit<SenderOptions, "device" | "onSaid"> {
  readonly memory: AdvertisedMemory;
  /** Since 1970, milliseconds. */
  readonly wallMs: () => number;
}

/** What hosts know lasts as long as the last advertisement said: when that was is written down no more often, milliseconds. */
const WRITE_EVERY_MS = 600_000;

/**
 * Advertisements are this program's own: what is observed is what its senders tell, on devices that are still the same. Of a former life is
 * observed what it had told: hosts are told the end of what does not stand any more, and the rest anew, so that they never hear an end
 * that is none. Routers of others are listened to and left alone.
 */
export function advertisementDriver(
  links: Pick<LinkTable, "get" | "indexOf">,
  { memory, wallMs, ...options }: AdvertisementDriverOptions,
): AdvertisementDriver {
  const senders = new Map<string, AdvertisementSender>();
  const read = memory.read();
  /** Of former lives, until somebody speaks there. */
  const former = new Map<string, RememberedLink>(read.links.map((link) => [link.object.interface, link]));
  let fault = read.fault === undefined ? undefined : `what hosts were told before is lost: ${read.fault}`;
  let writtenMs: number | undefined;
  const now = (): Now => ({ monotonicMs: options.now(), wallMs: wallMs() });
  const isThere = ({ device }: AdvertisementSender): boolean =>
    links.get(device.name)?.index === device.index;
  /** Before it is said: what was written and not said is told an end too many, what was said and not written none. */
  const write = (coming?: Told): void => {
    const told = new Map([...senders].map(([name, sender]) => [name, sender.told]));
    if (coming !== undefined) told.set(coming.object.interface, coming);
    const at = now();
    writtenMs = at.monotonicMs;
    try {
      memory.write([
        ...[...former].filter(([name]) => !told.has(name)).map(([, link]) => link),
        ...[...told.values()].map((one) => remember(one, at)),
      ]);
      fault = undefined;
    } catch (error) {
      fault = `what hosts are told cannot be written down: ${error instanceof Error ? error.message : String(error)}`;
      options.onChange();
    }
  };
  const onSaid = (): void => {
    if (writtenMs === undefined || options.now() - writtenMs >= WRITE_EVERY_MS) write();
  };
  /** Senders of devices that are gone or another's now, and those that have said their farewell. */
  const sweep = async (): Promise<void> => {
    for (const [name, sender] of senders)
      if (sender.isDone || !isThere(sender)) {
        // A device that comes back may have hosts on it that remember.
        if (!sender.isDone) former.set(name, remember(sender.told, now()));
        senders.delete(name);
        await sender[Symbol.asyncDispose]();
        write();
      }
  };
  return {
    async observe(signal) {
      signal.throwIfAborted();
      await sweep();
      const before = [...former.values()].filter(({ object }) => links.get(object.interface) !== undefined);
      return [
        ...before.map(({ object }) => silent(object)),
        ...[...senders.values()].flatMap(({ object }) => object ?? []),
      ];
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        signal.throwIfAborted();
        try {
          await sweep();
          applyOne(change);
          outcomes.push({ key: change.key, ok: true });
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          const errno = error instanceof NetlinkError ? error.errno : ERRNO.EINVAL;
          outcomes.push({ key: change.key, ok: false, errno, reason: error.message });
        }
      }
      return outcomes;
    },
    get troubles() {
      return new Map(
        [...senders].flatMap(([name, { object, troubles }]) => {
          const all = [...troubles, ...(fault === undefined ? [] : [fault])];
          return object === undefined || all.length === 0 ? [] : [[name, all] as const];
        }),
      );
    },
    get ended() {
      return [...senders.values()].flatMap(({ told: { object, endings } }) =>
        endedPrefixes(object, endings, options.now()),
      );
    },
    linkUp(name) {
      senders.get(name)?.linkUp();
    },
    remembers: (name) => former.has(name),
    async [Symbol.asyncDispose]() {
      for (const sender of senders.values()) await sender[Symbol.asyncDispose]();
      if (senders.size > 0) write();
      senders.clear();
    },
  };

  function applyOne(change: Change<AdvertisementObject>): void {
    const name = change.key;
    const sender = senders.get(name);
    const desired = change.op === "delete" ? undefined : change.desired;
    const before = sender?.told ?? formerly(name);
    const told = toldAfter(before, desired, options.now());
    if (told === undefined) return;
    write(told);
    if (sender !== undefined && desired === undefined) sender.withdraw();
    else if (sender !== undefined && desired !== undefined) sender.change(desired);
    else {
      const device = { name, index: links.indexOf(name) };
      const made = new AdvertisementSender(told.object, { ...options, onSaid, device }, told.endings);
      senders.set(name, made);
      former.delete(name);
      if (desired === undefined) made.withdraw();
    }
  }

  /** Nothing of it stands, all of it may end. */
  function formerly(name: string): Told | undefined {
    const link = former.get(name);
    if (link === undefined) return undefined;
    const nothing = { prefixes: [], resolvers: [], pref64: undefined };
    return { object: { ...link.object, ...nothing }, endings: recall(link, now()) };
  }
}
