import type { Kind } from "../../core/kind.ts";

/** What we set on a network device that somebody else made. */
export interface LinkObject {
  readonly name: string;
  /** Octets, IP layer. */
  readonly mtu: number;
  readonly up: boolean;
}

export const linkKind: Kind<LinkObject> = {
  name: "link",
  key: ({ name }) => name,
  normalise: (link) => link,
  equal: (desired, observed) => desired.mtu === observed.mtu && desired.up === observed.up,
  describe: ({ name, mtu, up }) => `link ${name} mtu ${mtu} ${up ? "up" : "down"}`,
};
