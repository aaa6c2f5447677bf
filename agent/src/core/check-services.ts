import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import { parseAddress4, parsePrefix4 } from "@vsix/shared/net/ip4.ts";
import { pref64Fault } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { canonicalIp6, canonicalPrefix6 } from "../wire/netlink/ip-text.ts";

/**
 * What is wrong with a part `services`, the field named; undefined when all is well. Its words go into configuration files, so each
 * is what it should be, and in the form that we would write.
 */
export function faultOfServices(part: ServicesPart): string | undefined {
  for (const [field, text, kind] of texts(part)) {
    if (CHECKS[kind](text)) continue;
    return `services ${field}: ${JSON.stringify(text.slice(0, 64))} is no ${NAMES[kind]}`;
  }
  return undefined;
}

type Kind = "address" | "prefix" | "pref64" | "address4" | "prefix4";

const NAMES: Readonly<Record<Kind, string>> = {
  address: "IPv6 address",
  prefix: "IPv6 prefix",
  pref64: "translation prefix (RFC 6052)",
  address4: "IPv4 address",
  prefix4: "IPv4 prefix",
};

const CHECKS: Readonly<Record<Kind, (text: string) => boolean>> = {
  address: (text) => canonicalIp6(text) !== undefined,
  prefix: (text) => canonicalPrefix6(text) !== undefined,
  pref64: (text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && pref64Fault(prefix) === undefined;
  },
  address4: (text) => parseAddress4(text) !== undefined,
  prefix4: (text) => parsePrefix4(text) !== undefined,
};

type Text = readonly [field: string, text: string, kind: Kind];

function* texts({ resolver, translator }: ServicesPart): Generator<Text> {
  if (resolver !== undefined) {
    const { dns64 } = resolver;
    yield* all("/resolver/listen", resolver.listen, "address");
    yield ["/resolver/source", resolver.source, "address"];
    yield* all("/resolver/clients", resolver.clients, "prefix");
    if (dns64 !== undefined) {
      yield ["/resolver/dns64/prefix", dns64.prefix, "pref64"];
      yield* all("/resolver/dns64/excludeAaaa", dns64.excludeAaaa, "prefix");
    }
    const roots = resolver.roots.map(({ address }) => address);
    yield* all("/resolver/roots", roots, "address");
    for (const field of ["forward", "stub"] as const)
      yield* all(
        `/resolver/${field}`,
        resolver[field].flatMap(({ addresses }) => addresses),
        "address",
      );
  }
  if (translator === undefined) return;
  yield ["/translator/prefix", translator.prefix, "pref64"];
  yield ["/translator/own6", translator.own6, "address"];
  yield* all("/translator/clients", translator.clients, "prefix");
  yield* all("/translator/check", translator.check ?? [], "address4");
  yield* all("/translator/pool", translator.pool, "prefix4");
  if (translator.internal !== undefined) yield ["/translator/internal", translator.internal, "prefix4"];
  for (const [i, { v4, v6 }] of translator.mappings.entries()) {
    yield [`/translator/mappings/${i}/v4`, v4, "address4"];
    yield [`/translator/mappings/${i}/v6`, v6, "address"];
  }
}

function* all(field: string, list: readonly string[], kind: Kind): Generator<Text> {
  for (const [i, text] of list.entries()) yield [`${field}/${i}`, text, kind];
}
