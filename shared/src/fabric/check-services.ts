import { formatAddress, parseAddress } from "../net/address.ts";
import { isGlobal4, parsePrefix4 } from "../net/ip4.ts";
import { pref64Fault, WELL_KNOWN_PREFIX } from "../net/pref64.ts";
import { containsPrefix, formatPrefix, overlaps } from "../net/prefix.ts";
import { accessClaims, checkAccess } from "./check-access.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, type DraftNode, type Located, readPrefix, readPrefixes } from "./draft.ts";
import type { Path } from "./fault.ts";
import type { Claim } from "./overlaps.ts";
import { SERVICE_KINDS, type ServiceKind } from "./services-model.ts";

/** Services on IPv6: nodes and section belong together, and every prefix and address is one that can work. */
export function checkServices(draft: Draft): void {
  for (const kind of SERVICE_KINDS) checkPresence(draft, kind);
  for (const node of draft.nodes.values()) {
    if (node.service !== undefined && node.software === "bird")
      draft.report({
        path: [...node.path, "software"],
        message: `a node of role ${node.service} always runs vsix: our agent is what does it`,
      });
    if (node.service !== undefined && node.controller === true)
      draft.report({ path: [...node.path, "controller"], message: "the controller lives at an Edge" });
  }
  checkTranslationPrefixes(draft);
  checkResolver(draft);
  checkPreference(draft);
  checkAccess(draft);
}

/** What services announce, for the check that nobody else has it. Reports what cannot be read. */
export function serviceClaims(draft: Draft): readonly Claim[] {
  const { services } = draft.file;
  const quiet = (): void => undefined;
  const anycast = (services?.resolver?.anycast ?? []).flatMap((text, i): Claim[] => {
    const address = text === undefined ? undefined : parseAddress(text);
    if (address === undefined) return [];
    const path = ["services", "resolver", "anycast", i];
    return [{ prefix: { address, length: 128 }, path, owner: "the resolvers'" }];
  });
  const prefixes = (["nat64", "siit-dc"] as const).flatMap((kind): Claim[] => {
    const located = readPrefix(quiet, ["services", kind, "prefix"], services?.[kind]?.prefix);
    return located === undefined ? [] : [{ ...located, owner: `the prefix of ${kind}` }];
  });
  return [...anycast, ...prefixes, ...accessClaims(draft)];
}

function nodesOf(draft: Draft, kind: ServiceKind): readonly DraftNode[] {
  return [...draft.nodes.values()].filter(({ service }) => service === kind);
}

function checkPresence(draft: Draft, kind: ServiceKind): void {
  const [first] = nodesOf(draft, kind);
  const section = draft.file.services;
  const written = section !== undefined && Object.hasOwn(section, kind);
  if (first !== undefined && !written)
    draft.report({
      path: [...first.path, "role"],
      message: `${first.name} has role ${kind}, and \`services\` has no \`${kind}\` that says what to do`,
    });
  if (written && first === undefined && draft.complete)
    draft.report({
      path: ["services", kind],
      at: "key",
      message: `no node has role ${kind}: nobody would do this`,
    });
}

function checkTranslationPrefixes(draft: Draft): void {
  for (const kind of ["nat64", "siit-dc"] as const) {
    const path = ["services", kind, "prefix"];
    const located = readPrefix(draft.report, path, draft.file.services?.[kind]?.prefix);
    if (located === undefined) continue;
    checkPref64(draft, located);
    if (formatPrefix(located.prefix) !== WELL_KNOWN_PREFIX) continue;
    if (kind === "siit-dc") {
      draft.report({
        path,
        message: `${WELL_KNOWN_PREFIX} is for stateful translation here; take a prefix of our own, in \`prefixes\``,
      });
      continue;
    }
    for (const node of nodesOf(draft, "nat64"))
      for (const [i, text] of (node.pool ?? []).entries()) {
        const pool = text === undefined ? undefined : parsePrefix4(text);
        if (pool === undefined || isGlobal4(pool)) continue;
        const message = `${text} is not of the Internet, so what is beyond it is a private network: ${WELL_KNOWN_PREFIX} never stands for that (RFC 6052 section 3.1); give services.nat64 a prefix of our own`;
        draft.report({ path: [...node.path, "pool", i], message });
      }
  }
}

function checkPref64(draft: Draft, { prefix, path }: Located): void {
  const fault = pref64Fault(prefix);
  const text = formatPrefix(prefix);
  if (fault !== undefined) draft.report({ path, message: fault });
  else if (text !== WELL_KNOWN_PREFIX && !isOwn(draft, prefix))
    draft.report({
      path,
      message: `${text} is outside of \`prefixes\`: answers would not find back; take a part of ours, or ${WELL_KNOWN_PREFIX} for nat64`,
    });
}

function isOwn(draft: Draft, prefix: Located["prefix"]): boolean {
  return draft.own.length === 0 || draft.own.some((own) => containsPrefix(own.prefix, prefix));
}

function checkResolver(draft: Draft): void {
  const resolver = draft.file.services?.resolver;
  if (resolver === undefined) return;
  const path: Path = ["services", "resolver"];
  for (const [i, text] of (resolver.anycast ?? []).entries()) {
    const address = needAddress(draft, [...path, "anycast", i], text);
    if (address === undefined || isOwn(draft, { address, length: 128 })) continue;
    const message = `${formatAddress(address)} is outside of \`prefixes\`; nobody would be led to it`;
    draft.report({ path: [...path, "anycast", i], message });
  }
  for (const { prefix, path: at } of readPrefixes(draft.report, [...path, "clients"], resolver.clients)) {
    if (prefix.length >= 16 || (prefix.address[0] ?? 0) >= 0xfc) continue;
    const message = `${formatPrefix(prefix)} is far more than a network's own users: an open resolver takes part in attacks (RFC 5358)`;
    draft.report({ path: at, message });
  }
  readPrefixes(draft.report, [...path, "dns64", "excludeAaaa"], resolver.dns64?.excludeAaaa);
  for (const [name, address] of Object.entries(resolver.roots ?? {}))
    needAddress(draft, [...path, "roots", name], address);
  for (const field of ["forward", "stub"] as const)
    for (const [zone, addresses] of Object.entries(resolver[field] ?? {}))
      for (const [i, address] of (addresses ?? []).entries())
        needAddress(draft, [...path, field, zone, i], address);
  checkResolverPrefix(draft);
}

/** What DNS64 names must be what somebody translates. */
function checkResolverPrefix(draft: Draft): void {
  const path = ["services", "resolver", "dns64", "prefix"];
  const services = draft.file.services;
  const own = readPrefix(draft.report, path, services?.resolver?.dns64?.prefix);
  const quiet = (): void => undefined;
  const nat64 = readPrefix(quiet, [], services?.nat64?.prefix);
  if (own === undefined) {
    const resolver = services?.resolver;
    if (resolver === undefined || !Object.hasOwn(resolver, "dns64") || nat64 !== undefined) return;
    if (services !== undefined && Object.hasOwn(services, "nat64")) return;
    draft.report({
      path: ["services", "resolver", "dns64"],
      at: "key",
      message: "`dns64` needs a `prefix` where no `nat64` of ours translates",
    });
    return;
  }
  const fault = pref64Fault(own.prefix);
  if (fault !== undefined) draft.report({ path, message: fault });
  else if (nat64 !== undefined && formatPrefix(nat64.prefix) !== formatPrefix(own.prefix)) {
    const message = `${formatPrefix(own.prefix)} is not what nat64 translates, ${formatPrefix(nat64.prefix)}: synthesised addresses would lead nowhere; leave it out`;
    draft.report({ path, message });
  } else if (draft.own.some((one) => overlaps(one.prefix, own.prefix)) && nat64 === undefined) {
    const message = `${formatPrefix(own.prefix)} is ours, and no node has role nat64 to translate it`;
    draft.report({ path, message });
  }
}

function needAddress(draft: Draft, path: Path, text: string | undefined): Uint8Array | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  if (text !== undefined && address === undefined)
    draft.report({ path, message: `${JSON.stringify(text)} is not an IPv6 address (no /length here)` });
  return address;
}

function checkPreference(draft: Draft): void {
  const names = nodesOf(draft, "nat64").map(({ name }) => name);
  for (const [i, name] of (draft.file.services?.nat64?.prefer ?? []).entries()) {
    if (name === undefined || names.includes(name)) continue;
    const message = `${name} is no node of role nat64${didYouMean(name, names)}; there are ${names.join(", ")}`;
    draft.report({ path: ["services", "nat64", "prefer", i], message });
  }
}
