import type { NetlinkSocket } from "../io/netlink.ts";
import type { NetlinkEvent } from "../io/netlink-events.ts";
import { RTNLGRP } from "../wire/netlink/constants.ts";
import { NetlinkDecodeError } from "../wire/netlink/errors.ts";
import type { NetlinkMessage } from "../wire/netlink/message.ts";

/** Changes of one moment make one dump. */
const SETTLE_MS = 50;

/**
 * Hears the kernel tell of nexthop objects and rules, so that an encapsulation taken out behind its id is noticed at once and not
 * at the next full dump. Routes are not listened to: BGP's own would be told here one by one.
 */
export function watchOverrides(
  netlink: NetlinkSocket,
  contradicts: (message: NetlinkMessage) => boolean,
  onContradiction: () => void,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const hear = (event: NetlinkEvent): void => {
    if (event.kind === "message" && !isContradiction(event.message, contradicts)) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      onContradiction();
    }, SETTLE_MS);
  };
  const subscription = netlink.subscribe([RTNLGRP.NEXTHOP, RTNLGRP.IPV6_RULE], hear);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      subscription[Symbol.dispose]();
    },
  };
}

function isContradiction(
  message: NetlinkMessage,
  contradicts: (message: NetlinkMessage) => boolean,
): boolean {
  try {
    return contradicts(message);
  } catch (error) {
    // A kind of object that we do not read is none of ours.
    if (error instanceof NetlinkDecodeError) return false;
    throw error;
  }
}
