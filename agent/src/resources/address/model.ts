import type { Kind } from "../../core/kind.ts";
import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";

/** A global IPv6 address on a device. */
export interface AddressObject {
  readonly interface: string;
  /** With prefix length: 2001:db8::1/127 */
  readonly address: string;
  /** Only observed: somebody else made it. It serves a desired one that is equal, and is never deleted. */
  readonly foreign?: boolean;
}

/** The kernel allows an address once a device, whatever its prefix length. */
function hostPart({ address }: AddressObject): string {
  const slash = address.indexOf("/");
  return slash < 0 ? address : address.slice(0, slash);
}

export const addressKind: Kind<AddressObject> = {
  name: "address",
  key: (object) => `${object.interface} ${hostPart(object)}`,
  normalise: (desired) => {
    const host = hostPart(desired);
    const address = (canonicalIp6(host) ?? host) + desired.address.slice(host.length);
    return { interface: desired.interface, address };
  },
  equal: (desired, observed) =>
    desired.interface === observed.interface && desired.address === observed.address,
  content: ({ address }) => address,
  describe: (object) =>
    `address ${object.address} dev ${object.interface}${object.foreign === true ? " (foreign)" : ""}`,
};
