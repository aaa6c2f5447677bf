import { NetlinkSocket } from "../../io/netlink.ts";
import { outcome } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { NETLINK_GENERIC } from "../../io/netlink-port.ts";
import { NLM_F } from "../../wire/netlink/constants.ts";
import { decodeFamily, encodeFamilyDump } from "../../wire/netlink/generic.ts";
import { decodeSource, encodeSource, encodeSourceRequest, SEG6_GENL_NAME } from "../../wire/netlink/seg6.ts";
import type { Driver } from "../driver.ts";
import type { SrSource } from "./model.ts";

const UNSET = "::";

/**
 * The source of encapsulations, where one is wanted; set by somebody else it is theirs while none is. A socket is opened for each
 * look, for there is one a minute.
 * @param wanted whether one is desired
 */
export function srSourceDriver(wanted: () => boolean): Driver<SrSource> {
  return {
    async observe(signal) {
      signal.throwIfAborted();
      if (!wanted()) return [];
      await using netlink = NetlinkSocket.open(NETLINK_GENERIC);
      const family = await familyOf(netlink, signal);
      const [address = UNSET] = await netlink.dump(
        (writer, _flags, sequence) =>
          encodeSourceRequest(writer, family, NLM_F.REQUEST | NLM_F.ACK, sequence),
        ({ type, payload }) => (type === family ? decodeSource(payload) : undefined),
        signal,
      );
      return address === UNSET ? [] : [{ address }];
    },

    async apply(changes, signal) {
      signal.throwIfAborted();
      await using netlink = NetlinkSocket.open(NETLINK_GENERIC);
      const family = await familyOf(netlink, signal);
      const failures = await netlink.batch(
        changes.length,
        (writer, flags, sequence, index) => {
          const change = changes[index];
          const address = change === undefined || change.op === "delete" ? UNSET : change.desired.address;
          encodeSource(writer, family, flags, sequence, address);
        },
        signal,
      );
      return changes.map(({ key }, index) => outcome(key, failures.get(index)));
    },
  };
}

async function familyOf(netlink: NetlinkSocket, signal: AbortSignal): Promise<number> {
  const families = await netlink.dump(encodeFamilyDump, ({ payload }) => decodeFamily(payload), signal);
  const family = families.find(({ name }) => name === SEG6_GENL_NAME);
  if (family === undefined)
    throw new NetlinkError(ERRNO.EOPNOTSUPP, "this kernel has no SRv6 (CONFIG_IPV6_SEG6_LWTUNNEL)");
  return family.id;
}
