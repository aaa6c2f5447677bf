import type { Kind } from "../../core/kind.ts";
import { canonicalIp6, canonicalPrefix6, isLinkLocal } from "../../wire/netlink/ip-text.ts";

/** A SID in table main, RFC 8986. */
export interface SidObject {
  /** With /128 or a locator's longer length: 2001:db8:ff01::e/128 */
  readonly sid: string;
  readonly behavior: "End" | "End.X" | "End.DX6" | "End.DT6";
  /** End.X and End.DX6. A link-local one is possible for End.X only, with `interface`. */
  readonly nextHop?: string;
  /** Output device of End.X towards a link-local next hop; since Linux 6.17. */
  readonly interface?: string;
  /** End.DT6: where to look up the inner destination; 254 is main. */
  readonly table?: number;
  /** Device of the SID route: up, and no loopback. */
  readonly dev: string;
}

export const sidKind: Kind<SidObject> = {
  name: "sid",
  key: ({ sid }) => sid,
  normalise: (desired) => {
    const { behavior, table, dev } = desired;
    const sid =
      canonicalPrefix6(desired.sid.includes("/") ? desired.sid : `${desired.sid}/128`) ?? desired.sid;
    if (behavior === "End") return { sid, behavior, dev };
    if (behavior === "End.DT6") return { sid, behavior, dev, ...(table === undefined ? {} : { table }) };
    const nextHop = canonicalIp6(desired.nextHop ?? "::") ?? desired.nextHop ?? "::";
    // The kernel keeps an output device only for End.X; with a global next hop the FIB knows it better.
    const oif = behavior === "End.X" && isLinkLocal(nextHop) ? desired.interface : undefined;
    return { sid, behavior, dev, nextHop, ...(oif === undefined ? {} : { interface: oif }) };
  },
  equal: (desired, observed) =>
    desired.behavior === observed.behavior &&
    desired.nextHop === observed.nextHop &&
    desired.interface === observed.interface &&
    desired.table === observed.table &&
    desired.dev === observed.dev,
  describe: ({ sid, behavior, nextHop, interface: oif, table, dev }) =>
    [
      `sid ${sid} action ${behavior}`,
      nextHop === undefined ? "" : `nh6 ${nextHop}`,
      oif === undefined ? "" : `oif ${oif}`,
      table === undefined ? "" : `table ${table}`,
      `dev ${dev}`,
    ]
      .filter((word) => word !== "")
      .join(" "),
};
