import { parseAddress } from "../net/address.ts";
import { pref64Fault } from "../net/pref64.ts";
import {
  addressAt,
  containsAddress,
  containsPrefix,
  formatPrefix,
  overlaps,
  type Prefix,
} from "../net/prefix.ts";
import { type Draft, type DraftNode, readPrefix } from "./draft.ts";
import type { Path } from "./fault.ts";
import type { LanFile } from "./lan-schema.ts";
import type { Loose } from "./loose.ts";

/** RFC 4862 section 5.5.3 (d): hosts make addresses in no other. */
const LAN_LENGTH = 64;

/** LANs of Edges: at nodes that can tell hosts anything, of prefixes that are theirs, with resolvers and a Pref64 that there are. */
export function checkLans(draft: Draft): void {
  for (const node of draft.nodes.values()) {
    const lans = node.lan ?? [];
    if (lans.length === 0) continue;
    if (node.role !== undefined && (node.role !== "edge" || node.service !== undefined)) {
      const message = `an Edge has LANs; ${node.name} has role ${node.service ?? node.role}`;
      draft.report({ path: [...node.path, "lan"], at: "key", message });
      continue;
    }
    if (node.software === "bird") {
      const message = `${node.name} runs bird: only our agent advertises what stands here`;
      draft.report({ path: [...node.path, "lan"], at: "key", message });
      continue;
    }
    checkNode(draft, node, lans);
  }
}

function checkNode(draft: Draft, node: DraftNode, lans: readonly (Loose<LanFile> | undefined)[]): void {
  const ports = portsOf(draft, node);
  const names = new Set<string>();
  const seen: Prefix[] = [];
  for (const [i, lan] of lans.entries()) {
    const path = [...node.path, "lan", i];
    const name = lan?.interface;
    if (name !== undefined) {
      const at = [...path, "interface"];
      if (names.has(name)) draft.report({ path: at, message: `${name} is there twice` });
      else if (name === "lo" || ports.has(name))
        draft.report({
          path: at,
          message: `${name} is ${name === "lo" ? "no LAN" : "a link of the fabric"}`,
        });
      names.add(name);
    }
    checkPrefix(draft, node, [...path, "prefix"], lan?.prefix, seen);
    checkResolvers(draft, [...path, "dns"], lan?.dns);
    checkPref64(draft, [...path, "pref64"], lan?.pref64);
  }
}

function portsOf(draft: Draft, { name }: DraftNode): ReadonlySet<string> {
  return new Set(
    draft.links.flatMap(({ names, interfaces }) =>
      names.flatMap((end, side) =>
        end === name ? [interfaces?.[side] ?? `to-${names[1 - side] ?? ""}`] : [],
      ),
    ),
  );
}

function checkPrefix(
  draft: Draft,
  { name, announced, loopback }: DraftNode,
  path: Path,
  text: string | undefined,
  seen: Prefix[],
): void {
  const located = readPrefix(draft.report, path, text);
  if (located === undefined) return;
  const { prefix } = located;
  const [first] = announced;
  const own =
    loopback === undefined
      ? first === undefined
        ? undefined
        : addressAt(first.prefix, 1)
      : parseAddress(loopback);
  const say = (message: string): void => draft.report({ path, message });
  if (prefix.length !== LAN_LENGTH)
    say(
      `${formatPrefix(prefix)}: hosts make their addresses in a /64 (RFC 4862), in nothing longer or shorter`,
    );
  else if (announced.length > 0 && !announced.some((one) => containsPrefix(one.prefix, prefix))) {
    const all = announced.map((one) => formatPrefix(one.prefix)).join(", ");
    say(`${formatPrefix(prefix)} is in no prefix of ${name} (${all}), so nothing for it would arrive`);
  } else if (own !== undefined && containsAddress(prefix, own))
    say(`${formatPrefix(prefix)} has the loopback of ${name}; take another /64 of its prefix`);
  else if (seen.some((one) => overlaps(one, prefix))) say(`${formatPrefix(prefix)} is there twice`);
  seen.push(prefix);
}

function checkResolvers(draft: Draft, path: Path, dns: Loose<LanFile>["dns"]): void {
  const resolver = draft.file.services !== undefined && Object.hasOwn(draft.file.services, "resolver");
  if (dns === "auto" && !resolver)
    draft.report({ path, message: "`auto` needs `services.resolver`; name addresses, or say none" });
  if (dns === undefined || typeof dns === "string") return;
  for (const [i, text] of dns.entries())
    if (text !== undefined && parseAddress(text) === undefined)
      draft.report({ path: [...path, i], message: `${JSON.stringify(text)} is not an IPv6 address` });
}

function checkPref64(draft: Draft, path: Path, text: string | undefined): void {
  const { services } = draft.file;
  const translated =
    (services !== undefined && Object.hasOwn(services, "nat64")) ||
    services?.resolver?.dns64?.prefix !== undefined;
  if (text === "auto" && !translated)
    draft.report({ path, message: "`auto` needs `services.nat64`; name a prefix, or say none" });
  if (text === undefined || text === "auto" || text === "none") return;
  const located = readPrefix(draft.report, path, text);
  const fault = located === undefined ? undefined : pref64Fault(located.prefix);
  if (fault !== undefined) draft.report({ path, message: fault });
}
