import type { Kind } from "../../core/kind.ts";
import { canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";

/** An IPv6 policy rule: packets that come in by `iif` and/or from `from` are looked up in `table`. */
export interface RuleObject {
  readonly priority: number;
  readonly iif?: string;
  readonly from?: string;
  readonly table: number;
}

const ANY = "::/0";

/** A rule cannot be changed: all that it is makes its identity. */
export const ruleKind: Kind<RuleObject> = {
  name: "rule",
  key: ({ priority, iif, from, table }) =>
    `${priority} from ${from ?? "all"} iif ${iif ?? "any"} lookup ${table}`,
  normalise: ({ priority, iif, from, table }) => {
    const source = from === undefined ? ANY : (canonicalPrefix6(from) ?? from);
    return {
      priority,
      ...(iif === undefined ? {} : { iif }),
      ...(source === ANY ? {} : { from: source }),
      table,
    };
  },
  equal: (desired, observed) => ruleKind.key(desired) === ruleKind.key(observed),
  describe: (rule) => `rule ${ruleKind.key(rule)}`,
};
