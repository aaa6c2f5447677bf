import { type AddressBytes, formatAddress, parseAddress } from "../net/address.ts";
import { containsAddress, formatPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import { MAX_MEASURE_TARGETS } from "./defaults.ts";
import type { Draft } from "./draft.ts";
import type { Path } from "./fault.ts";

/** No unicast address of a host elsewhere, RFC 4291 sections 2.4 to 2.7. */
const NOT_UNICAST: readonly (readonly [Prefix | undefined, string])[] = [
  [parsePrefix("ff00::/8"), "is multicast; a target is one host"],
  [parsePrefix("::/128"), "is the unspecified address; give the address of a host that answers"],
  [parsePrefix("::1/128"), "is this router itself; give the address of a host that answers"],
  [parsePrefix("fe80::/10"), "is link-local and means another host on every link; give a global address"],
  [parsePrefix("::ffff:0:0/96"), "is an IPv4 address; targets are IPv6"],
];

/**
 * Targets that measure a plane: hosts outside our own network. Answers from inside it come back by the plane that an
 * Edge uses, whichever plane asked.
 */
export function checkMeasure(draft: Draft): void {
  const entries = Object.entries(draft.file.measure?.targets ?? {});
  const root: Path = ["measure", "targets"];
  if (draft.file.measure?.targets !== undefined && entries.length === 0)
    draft.report({ path: root, at: "key", message: "no target; name one, or leave `targets` out" });
  if (entries.length > MAX_MEASURE_TARGETS)
    draft.report({
      path: root,
      at: "key",
      message: `${entries.length} targets, at most ${MAX_MEASURE_TARGETS}; a few that surely answer say more`,
    });
  const taken = new Map<string, string>();
  for (const [name, text] of entries) {
    if (text === undefined) continue;
    const path = [...root, name];
    const report = (message: string): void => draft.report({ path, message });
    const address = parseAddress(text);
    if (address === undefined) {
      report(`${JSON.stringify(text)} is not an IPv6 address; write it like 2001:db8::1, without a length`);
      continue;
    }
    const canonical = formatAddress(address);
    const other = taken.get(canonical);
    if (other !== undefined) report(`${canonical} is already target ${other}; each host counts once`);
    taken.set(canonical, other ?? name);
    const why = unusable(draft, address);
    if (why !== undefined) report(`${canonical} ${why}`);
  }
}

/** Why nothing outside would answer from this address; undefined when it may. */
export function unusable(draft: Draft, address: AddressBytes): string | undefined {
  for (const [prefix, why] of NOT_UNICAST)
    if (prefix !== undefined && containsAddress(prefix, address)) return why;
  const sids = parsePrefix(draft.file.addressing?.sids ?? "");
  if (sids !== undefined && containsAddress(sids, address))
    return "lies in our own SID block, which no host answers from; take a host outside";
  for (const { prefix } of draft.own) {
    if (!containsAddress(prefix, address)) continue;
    return `lies in ${formatPrefix(prefix)}, which is ours: answers would come back by whatever plane its Edge uses; take a host outside`;
  }
  return undefined;
}
