import { OWN_PROTOCOL } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges } from "../../io/netlink-apply.ts";
import { AF_INET6, FR_ACT_TO_TBL, NLM_F, RTM } from "../../wire/netlink/constants.ts";
import { decodeRule, encodeRule, encodeRuleDump, type RuleMessage } from "../../wire/netlink/rule.ts";
import type { Driver } from "../driver.ts";
import { type RuleObject, ruleKind } from "./model.ts";

/** IPv6 policy rules of our own protocol (FRA_PROTOCOL). A rule names its device: it may be made before the device. */
export function ruleDriver(netlink: NetlinkSocket, _links: LinkTable): Driver<RuleObject> {
  function observe(signal: AbortSignal): Promise<readonly RuleObject[]> {
    return netlink.dump(
      encodeRuleDump,
      ({ type, payload }) => (type === RTM.NEWRULE ? toObject(decodeRule(payload)) : undefined),
      signal,
    );
  }

  return {
    observe,
    apply: (changes, signal) =>
      applyChanges(
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
      ),
  };
}

function toMessage(rule: RuleObject): RuleMessage {
  return { ...rule, family: AF_INET6, action: FR_ACT_TO_TBL, flags: 0, protocol: OWN_PROTOCOL };
}

function toObject(message: RuleMessage): RuleObject | undefined {
  const { protocol, action, priority, iif, from, table } = message;
  if (protocol !== OWN_PROTOCOL || action !== FR_ACT_TO_TBL) return undefined;
  return {
    priority,
    ...(iif === undefined ? {} : { iif }),
    ...(from === undefined ? {} : { from }),
    table,
  };
}
