import type { Kind } from "../../core/kind.ts";
import { canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";

/** An IPv6 policy rule: packets that all of it fits are looked up in `table`; what is absent fits every packet. */
export interface RuleObject {
  readonly priority: number;
  readonly iif?: string;
  readonly from?: string;
  /** Bits of the packet's mark that must all be set. */
  readonly mark?: number;
  /** Code point, 0 to 63. */
  readonly dscp?: number;
  /** Next header, not 0. */
  readonly nextHeader?: number;
  /** Destination ports, 1 to 65534. */
  readonly ports?: { readonly from: number; readonly to: number };
  readonly table: number;
}

const ANY = "::/0";

/** A rule cannot be changed: all that it is makes its identity. */
export const ruleKind: Kind<RuleObject> = {
  name: "rule",
  key: ({ priority, iif, from, mark, dscp, nextHeader, ports, table }) =>
    [
      `${priority} from ${from ?? "all"} iif ${iif ?? "any"}`,
      mark === undefined ? "" : `mark 0x${mark.toString(16)}`,
      dscp === undefined ? "" : `dscp ${dscp}`,
      nextHeader === undefined ? "" : `ipproto ${nextHeader}`,
      ports === undefined ? "" : `dport ${ports.from}-${ports.to}`,
      `lookup ${table}`,
    ]
      .filter((word) => word !== "")
      .join(" "),
  normalise: ({ priority, iif, from, mark, dscp, nextHeader, ports, table }) => {
    const source = from === undefined ? ANY : (canonicalPrefix6(from) ?? from);
    return {
      priority,
      ...(iif === undefined ? {} : { iif }),
      ...(source === ANY ? {} : { from: source }),
      ...(mark === undefined ? {} : { mark }),
      ...(dscp === undefined ? {} : { dscp }),
      ...(nextHeader === undefined ? {} : { nextHeader }),
      ...(ports === undefined ? {} : { ports }),
      table,
    };
  },
  equal: (desired, observed) => ruleKind.key(desired) === ruleKind.key(observed),
  content: () => undefined, // all in its key
  describe: (rule) => `rule ${ruleKind.key(rule)}`,
};
