import { release } from "node:os";
import { OWN_PROTOCOL, TABLE_MAIN } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { AF_INET6, RTM, RTN, SEG6_LOCAL_ACTION } from "../../wire/netlink/constants.ts";
import { isLinkLocal } from "../../wire/netlink/ip-text.ts";
import { decodeRoute, encodeRoute, encodeRouteDump, type RouteMessage } from "../../wire/netlink/route.ts";
import type { Driver } from "../driver.ts";
import { type SidObject, sidKind } from "./model.ts";

const ACTION = {
  End: SEG6_LOCAL_ACTION.END,
  "End.X": SEG6_LOCAL_ACTION.END_X,
  "End.DX6": SEG6_LOCAL_ACTION.END_DX6,
  "End.DT6": SEG6_LOCAL_ACTION.END_DT6,
} as const;
const BEHAVIOR = new Map(
  Object.entries(ACTION).map(([name, number]) => [number, name as keyof typeof ACTION]),
);

/** IP6_RT_PRIO_USER */
const SID_METRIC = 1024;

/**
 * SIDs: seg6local routes of our own protocol in table main, each counting its packets.
 * @param kernel its release, as uname(2) has it
 */
export function sidDriver(
  netlink: NetlinkSocket,
  links: LinkTable,
  kernel: string = release(),
): Driver<SidObject> {
  async function observe(signal: AbortSignal): Promise<readonly SidObject[]> {
    await links.refresh(signal);
    return netlink.dump(
      (writer, flags, sequence) =>
        encodeRouteDump(writer, flags, sequence, { table: TABLE_MAIN, protocol: OWN_PROTOCOL }),
      ({ type, payload }) => (type === RTM.NEWROUTE ? toObject(decodeRoute(payload), links) : undefined),
      signal,
    );
  }

  return {
    observe,
    async apply(changes, signal) {
      const devices = changes.flatMap((change) =>
        change.op === "delete" ? [] : [change.desired.dev, change.desired.interface],
      );
      await links.know(devices, signal);
      return applyChanges(
        {
          netlink,
          kind: sidKind,
          observe,
          encodePut: (writer, flags, sequence, desired) => {
            refuseWhatIsDropped(desired, kernel);
            encodeRoute(writer, RTM.NEWROUTE, flags, sequence, toMessage(desired, links));
          },
          encodeDelete: (writer, flags, sequence, { sid }) =>
            encodeRoute(writer, RTM.DELROUTE, flags, sequence, { ...base(sid), type: 0 }),
        },
        changes,
        signal,
      );
    },
  };
}

function base(sid: string): RouteMessage {
  return {
    family: AF_INET6,
    table: TABLE_MAIN,
    protocol: OWN_PROTOCOL,
    scope: 0,
    type: RTN.UNICAST,
    flags: 0,
    destination: sid,
    metric: SID_METRIC,
  };
}

/** What Linux takes and then drops without a word. @throws NetlinkError */
function refuseWhatIsDropped({ behavior, nextHop, interface: oif }: SidObject, kernel: string): void {
  if (nextHop === undefined || !isLinkLocal(nextHop)) return;
  const refuse = (reason: string): never => {
    throw new NetlinkError(ERRNO.EINVAL, reason);
  };
  if (behavior === "End.DX6")
    refuse(
      `Linux drops what End.DX6 sends to the link-local ${nextHop}: use End.DT6 into a table of one route`,
    );
  if (oif === undefined) refuse(`End.X to the link-local ${nextHop} needs an interface`);
  if (!takesOutputDevice(kernel))
    refuse(
      `Linux ${kernel} drops what End.X sends to the link-local ${nextHop}: use a global next hop, or 6.17 or later`,
    );
}

/** SEG6_LOCAL_OIF of End.X is ignored before Linux 6.17 (net/ipv6/seg6_local.c, "Allow End.X behavior to accept an oif"). */
function takesOutputDevice(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/, 2).map(Number);
  return major > 6 || (major === 6 && minor >= 17);
}

function toMessage(object: SidObject, links: LinkTable): RouteMessage {
  const { sid, behavior, nextHop, interface: oif, table, dev } = object;
  return {
    ...base(sid),
    interfaceIndex: links.indexOf(dev),
    encap: {
      kind: "seg6local",
      action: ACTION[behavior],
      ...(nextHop === undefined ? {} : { nextHop }),
      ...(table === undefined ? {} : { table }),
      ...(oif === undefined ? {} : { interfaceIndex: links.indexOf(oif) }),
      counters: { packets: 0n, bytes: 0n, errors: 0n },
    },
  };
}

function toObject(message: RouteMessage, links: LinkTable): SidObject | undefined {
  const { protocol, encap, interfaceIndex } = message;
  if (protocol !== OWN_PROTOCOL || encap?.kind !== "seg6local") return undefined;
  const behavior = BEHAVIOR.get(encap.action as (typeof ACTION)[keyof typeof ACTION]);
  if (behavior === undefined) return undefined;
  return {
    sid: message.destination,
    behavior,
    dev: interfaceIndex === undefined ? "" : links.nameOf(interfaceIndex),
    ...(encap.nextHop === undefined ? {} : { nextHop: encap.nextHop }),
    ...(encap.table === undefined ? {} : { table: encap.table }),
    ...(encap.interfaceIndex === undefined ? {} : { interface: links.nameOf(encap.interfaceIndex) }),
  };
}
