import { subnetsOf } from "../../core/delegation/kea-config.ts";
import type { Kind } from "../../core/kind.ts";

/** A DHCPv6 server of ours: the program that runs, with what it was told. */
export interface DelegationObject {
  /** Of the program. */
  readonly name: string;
  /** Its configuration; empty: it runs, and nobody knows with what. */
  readonly config: string;
}

export const delegationKind: Kind<DelegationObject> = {
  name: "delegation",
  key: ({ name }) => name,
  normalise: (desired) => desired,
  equal: (desired, observed) => desired.config === observed.config,
  describe: ({ name, config }) =>
    config === ""
      ? `${name} with another configuration`
      : `${name} with the prefixes of ${subnetsOf(config).size} tunnels`,
};
