import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { outcome } from "../../io/netlink-apply.ts";
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
      const failures = await netlink.batch(
        puts.length,
        (writer, flags, sequence, index) => {
          const desired = puts[index]?.desired;
          if (desired === undefined) return;
          encodeLink(writer, RTM.SETLINK, flags, sequence, {
            family: 0,
            index: links.indexOf(desired.name),
            flags: desired.up ? IFF_UP : 0,
            change: IFF_UP,
            mtu: desired.mtu,
          });
        },
        signal,
      );
      const place = new Map(puts.map((change, index) => [change.key, failures.get(index)]));
      return changes.map(({ key }) => outcome(key, place.get(key)));
    },
  };
}
