import type { Kind } from "../../core/kind.ts";

/** A translator of ours: the program, with what it was told, its TUN device and the routes into that. */
export interface TranslatorObject {
  /** Of the program. */
  readonly name: string;
  /** Its configuration; empty: it does not run, or nobody knows with what. */
  readonly config: string;
  /** Octets; undefined: there is no device, or it is down. */
  readonly mtu: number | undefined;
  /** IPv6 and IPv4 prefixes, sorted. */
  readonly routes: readonly string[];
  /** Source of this machine's own packets into it. */
  readonly source: string;
}

export const translatorKind: Kind<TranslatorObject> = {
  name: "translator",
  key: ({ name }) => name,
  normalise: (desired) => ({ ...desired, routes: [...new Set(desired.routes)].sort() }),
  equal: (desired, observed) =>
    desired.config === observed.config &&
    desired.mtu === observed.mtu &&
    desired.routes.join(" ") === observed.routes.join(" "),
  content: ({ config, mtu, routes }) => [config, mtu, routes],
  describe: ({ name, config, routes }) => {
    const maps = config.split("\n").filter((line) => line.startsWith("map ")).length;
    return `${name}${config === "" ? " (not as wanted)" : ""}, ${maps} mappings, routes ${routes.join(", ") || "none"}`;
  },
};
