import type { Kind } from "../../core/kind.ts";
import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";

/** Source address of every packet that this machine encapsulates for SRv6. There is one a network namespace. */
export interface SrSource {
  readonly address: string;
}

export const srSourceKind: Kind<SrSource> = {
  name: "sr-source",
  key: () => "sr tunsrc",
  normalise: ({ address }) => ({ address: canonicalIp6(address) ?? address }),
  equal: (desired, observed) => desired.address === observed.address,
  describe: ({ address }) => `sr tunsrc ${address}`,
};
