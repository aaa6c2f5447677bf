import type { Change, Outcome } from "../../core/kind.ts";
import { OWN_PROTOCOL, RULE_PRIORITY, TABLE_OVERRIDES } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges, outcome } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { AF_INET6, FR_ACT_TO_TBL, NLM_F, RTM } from "../../wire/netlink/constants.ts";
import { decodeRule, encodeRule, encodeRuleDump, type RuleMessage } from "../../wire/netlink/rule.ts";
import type { Driver } from "../driver.ts";
import { type RuleObject, ruleKind } from "./model.ts";

/** A rule that no packet can fit, for no device is called so: to ask what the kernel can. */
const QUESTION: RuleObject = { priority: RULE_PRIORITY, iif: "vsix/asks", dscp: 0, table: TABLE_OVERRIDES };
const NO_DSCP_ZERO = new NetlinkError(
  ERRNO.EOPNOTSUPP,
  "this kernel cannot tell DSCP 0 from any; Linux 6.12 can",
);

/** IPv6 policy rules of our own protocol (FRA_PROTOCOL). A rule names its device: it may be made before the device. */
export function ruleDriver(netlink: NetlinkSocket, _links: LinkTable): Driver<RuleObject> {
  let tellsDscpZero: boolean | undefined;

  function observe(signal: AbortSignal): Promise<readonly RuleObject[]> {
    return netlink.dump(
      encodeRuleDump,
      ({ type, payload }) => (type === RTM.NEWRULE ? ruleOf(decodeRule(payload)) : undefined),
      signal,
    );
  }

  function make(changes: readonly Change<RuleObject>[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return applyChanges(
      {
        netlink,
        kind: ruleKind,
        observe,
        // Always exclusive: the kernel would otherwise keep two rules that are the same.
        encodePut: (writer, flags, sequence, desired) =>
          encodeRule(
            writer,
            RTM.NEWRULE,
            (flags & ~NLM_F.REPLACE) | NLM_F.EXCL,
            sequence,
            toMessage(desired),
          ),
        encodeDelete: (writer, flags, sequence, observed) =>
          encodeRule(writer, RTM.DELRULE, flags, sequence, toMessage(observed)),
      },
      changes,
      signal,
    );
  }

  /** An older kernel lets the attribute through unread: the rule would fit every packet of its port. */
  async function canTellDscpZero(signal: AbortSignal): Promise<boolean> {
    const key = ruleKind.key(QUESTION);
    await make([{ op: "create", key, desired: QUESTION }], signal);
    const made = (await observe(signal)).filter(({ iif }) => iif === QUESTION.iif);
    await make(
      made.map((observed) => ({ op: "delete", key: ruleKind.key(observed), observed })),
      signal,
    );
    return made.some(({ dscp }) => dscp === 0);
  }

  return {
    observe,
    async apply(changes, signal) {
      const asks = (change: Change<RuleObject>): boolean =>
        change.op !== "delete" && change.desired.dscp === 0;
      if (!changes.some(asks)) return make(changes, signal);
      tellsDscpZero ??= await canTellDscpZero(signal);
      if (tellsDscpZero) return make(changes, signal);
      const possible = changes.filter((change) => !asks(change));
      const done = new Map((await make(possible, signal)).map((one) => [one.key, one]));
      return changes.map(({ key }) => done.get(key) ?? outcome(key, NO_DSCP_ZERO));
    },
  };
}

function toMessage(rule: RuleObject): RuleMessage {
  const { mark } = rule;
  const marked = mark === undefined ? {} : { mark, markMask: mark };
  return { ...rule, ...marked, family: AF_INET6, action: FR_ACT_TO_TBL, flags: 0, protocol: OWN_PROTOCOL };
}

/** A message of the kernel in the words of the model; undefined when the rule is not ours. */
export function ruleOf(message: RuleMessage): RuleObject | undefined {
  const { protocol, action, priority, iif, from, mark, dscp, nextHeader, ports, table } = message;
  if (protocol !== OWN_PROTOCOL || action !== FR_ACT_TO_TBL) return undefined;
  return {
    priority,
    ...(iif === undefined ? {} : { iif }),
    ...(from === undefined ? {} : { from }),
    ...(mark === undefined ? {} : { mark }),
    ...(dscp === undefined ? {} : { dscp }),
    ...(nextHeader === undefined || nextHeader === 0 ? {} : { nextHeader }),
    ...(ports === undefined ? {} : { ports }),
    table,
  };
}
