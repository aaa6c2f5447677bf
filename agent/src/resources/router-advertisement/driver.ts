import type { Change, Outcome } from "../../core/kind.ts";
import type { LinkTable } from "../../io/links.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import type { Driver } from "../driver.ts";
import type { AdvertisementObject } from "./model.ts";
import { AdvertisementSender, type SenderOptions } from "./sender.ts";

/** The driver, and what belongs to its senders' lives. */
export interface AdvertisementDriver extends Driver<AdvertisementObject>, AsyncDisposable {
  /** What is wrong, by interface. */
  readonly troubles: ReadonlyMap<string, readonly string[]>;
  /** A link has come up. */
  linkUp(name: string): void;
}

/**
 * Advertisements are this program's own: what is observed is what its senders tell, on devices that are still the same. A new program
 * observes none and tells everything anew, so that hosts never hear an end that is none. Routers of others are listened to and left alone.
 */
export function advertisementDriver(
  links: Pick<LinkTable, "get" | "indexOf">,
  options: Omit<SenderOptions, "device">,
): AdvertisementDriver {
  const senders = new Map<string, AdvertisementSender>();
  const isThere = ({ device }: AdvertisementSender): boolean =>
    links.get(device.name)?.index === device.index;
  /** Senders of devices that are gone or another's now, and those that have said their farewell. */
  const sweep = async (): Promise<void> => {
    for (const [name, sender] of senders)
      if (sender.isDone || !isThere(sender)) {
        senders.delete(name);
        await sender[Symbol.asyncDispose]();
      }
  };
  return {
    async observe(signal) {
      signal.throwIfAborted();
      await sweep();
      return [...senders.values()].flatMap(({ object }) => object ?? []);
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
        [...senders]
          .filter(([, { object, troubles }]) => object !== undefined && troubles.length > 0)
          .map(([name, { troubles }]) => [name, troubles]),
      );
    },
    linkUp(name) {
      senders.get(name)?.linkUp();
    },
    async [Symbol.asyncDispose]() {
      for (const sender of senders.values()) await sender[Symbol.asyncDispose]();
      senders.clear();
    },
  };

  function applyOne(change: Change<AdvertisementObject>): void {
    const name = change.key;
    const sender = senders.get(name);
    if (change.op === "delete") sender?.withdraw();
    else if (sender !== undefined) sender.change(change.desired);
    else {
      const device = { name, index: links.indexOf(name) };
      senders.set(name, new AdvertisementSender(change.desired, { ...options, device }));
    }
  }
}
