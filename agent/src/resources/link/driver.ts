import type { Outcome } from "../../core/kind.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import type { NetlinkError } from "../../io/netlink-error.ts";
import { IFF_UP, RTM } from "../../wire/netlink/constants.ts";
import { encodeLink } from "../../wire/netlink/link.ts";
import type { Driver } from "../driver.ts";
import type { LinkObject } from "./model.ts";

/**
 * MTU and admin state of devices that exist; never makes or removes one.
 * @param wanted names of desired links: only these are observed. Without it all are.
 */
export function linkDriver(
  netlink: NetlinkSocket,
  links: LinkTable,
  wanted?: () => ReadonlySet<string>,
): Driver<LinkObject> {
  return {
    async observe(signal) {
      await links.refresh(signal);
      const names = wanted?.();
      const found: LinkObject[] = [];
      for (const { name, mtu, up } of links.all())
        if (names === undefined || names.has(name)) found.push({ name, mtu, up });
      return found;
    },

    async apply(changes, signal) {
      // A device that is no longer ours to set stays as it is: nothing to do for a delete.
      const puts = changes.filter((change) => change.op !== "delete");
      await links.know(
        puts.map(({ desired }) => desired.name),
        signal,
      );
      // Two requests each, MTU first: one that the device cannot have must not leave the link down. rtnetlink stops at
      // the first part of a request that is refused (do_setlink() of the kernel's net/core/rtnetlink.c).
      const failures = await netlink.batch(
        2 * puts.length,
        (writer, flags, sequence, step) => {
          const desired = puts[step >> 1]?.desired;
          if (desired === undefined) return;
          const index = links.indexOf(desired.name);
          const what =
            step % 2 === 0
              ? { flags: 0, change: 0, mtu: desired.mtu }
              : { flags: desired.up ? IFF_UP : 0, change: IFF_UP };
          encodeLink(writer, RTM.SETLINK, flags, sequence, { family: 0, index, ...what });
        },
        signal,
      );
      const refused = new Map(
        puts.map(({ key, desired }, i) => [
          key,
          refusal(desired, failures.get(2 * i), failures.get(2 * i + 1)),
        ]),
      );
      return changes.map(({ key }) => refused.get(key) ?? { key, ok: true });
    },
  };
}

/** What became of one link, or undefined when all of it was done. */
function refusal(
  { name, mtu, up }: LinkObject,
  ofMtu: NetlinkError | undefined,
  ofState: NetlinkError | undefined,
): Outcome | undefined {
  const error = ofMtu ?? ofState;
  if (error === undefined) return undefined;
  const failed = { key: name, ok: false, errno: error.errno } as const;
  // Both for one reason: the device is not there.
  if (ofMtu?.message === ofState?.message) return { ...failed, reason: error.message };
  const reasons = [
    ...(ofMtu === undefined ? [] : [`MTU ${mtu}: ${ofMtu.message}`]),
    ...(ofState === undefined ? [] : [`${up ? "up" : "down"}: ${ofState.message}`]),
  ];
  return { ...failed, reason: reasons.join("; ") };
}
