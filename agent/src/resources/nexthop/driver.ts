import { OWN_PROTOCOL } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { AF_INET6, RTM } from "../../wire/netlink/constants.ts";
import {
  decodeNexthop,
  encodeNexthop,
  encodeNexthopDelete,
  encodeNexthopDump,
  type NexthopMessage,
} from "../../wire/netlink/nexthop.ts";
import type { Driver } from "../driver.ts";
import { type NexthopObject, nexthopKind } from "./model.ts";

/** IPv6 nexthop objects of our own protocol. Deleting one makes the kernel delete every route that uses it. */
export function nexthopDriver(netlink: NetlinkSocket, links: LinkTable): Driver<NexthopObject> {
  async function observe(signal: AbortSignal): Promise<readonly NexthopObject[]> {
    const messages = await netlink.dump(
      encodeNexthopDump,
      ({ type, payload }) => {
        const message = type === RTM.NEWNEXTHOP ? decodeNexthop(payload) : undefined;
        return message?.protocol === OWN_PROTOCOL ? message : undefined;
      },
      signal,
    );
    if (
      messages.some(({ interfaceIndex: index }) => index !== undefined && links.byIndex(index) === undefined)
    )
      await links.refresh(signal);
    return messages.map((message) => nexthopOf(message, links));
  }

  return {
    observe,
    async apply(changes, signal) {
      const devices = changes.map((change) =>
        change.op === "delete" ? undefined : change.desired.interface,
      );
      await links.know(devices, signal);
      return applyChanges(
        {
          netlink,
          kind: nexthopKind,
          observe,
          encodePut: (writer, flags, sequence, desired) =>
            encodeNexthop(writer, RTM.NEWNEXTHOP, flags, sequence, toMessage(desired, links)),
          encodeDelete: (writer, flags, sequence, { id }) => encodeNexthopDelete(writer, flags, sequence, id),
        },
        changes,
        signal,
      );
    },
  };
}

function toMessage(
  { id, via, interface: device, blackhole, encap }: NexthopObject,
  links: LinkTable,
): NexthopMessage {
  if (encap !== undefined && via === undefined && device === undefined)
    throw new NetlinkError(ERRNO.EINVAL, "an encapsulating nexthop needs a gateway or an interface");
  return {
    id,
    family: AF_INET6,
    protocol: OWN_PROTOCOL,
    scope: 0,
    flags: 0,
    ...(blackhole === true ? { blackhole } : {}),
    ...(via === undefined ? {} : { gateway: via }),
    ...(device === undefined ? {} : { interfaceIndex: links.indexOf(device) }),
    ...(encap === undefined ? {} : { encap: { kind: "seg6", ...encap } }),
  };
}

/** A message of the kernel in the words of the model, whoever made the object. */
export function nexthopOf(message: NexthopMessage, links: LinkTable): NexthopObject {
  const { id, blackhole, gateway, interfaceIndex, encap } = message;
  return {
    id,
    ...(blackhole === true ? { blackhole } : {}),
    ...(gateway === undefined ? {} : { via: gateway }),
    ...(interfaceIndex === undefined ? {} : { interface: links.nameOf(interfaceIndex) }),
    ...(encap?.kind === "seg6" && (encap.mode === "encap" || encap.mode === "encap.red")
      ? { encap: { mode: encap.mode, segments: encap.segments } }
      : {}),
  };
}
