import { canonicalAddress } from "../net/address.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import type { FabricNode } from "./model.ts";
import { resolveAccess } from "./resolve-access.ts";
import type { FabricFile } from "./schema.ts";
import { DEFAULT_SERVICES, type FabricServices, MAPPED_PREFIX, type ZoneServers } from "./services-model.ts";
import type { ResolverFile, ServicesFile } from "./services-schema.ts";

/** Section `services` with its defaults, and what nodes publish. Only for a file without faults. */
export function resolveServices(
  file: FabricFile,
  services: ServicesFile,
  nodes: readonly FabricNode[],
): FabricServices {
  const { resolver, nat64 } = services;
  const siitDc = services["siit-dc"];
  const translators = nodes.filter(({ service }) => service === "nat64").map(({ name }) => name);
  const prefer = [...new Set([...(nat64?.prefer ?? []), ...translators])];
  return {
    ...(resolver === undefined ? {} : { resolver: resolveResolver(resolver, file.prefixes, nat64?.prefix) }),
    ...(nat64 === undefined
      ? {}
      : {
          nat64: {
            prefix: prefixText(nat64.prefix),
            prefer,
            check: nat64.check ?? [],
            internal: nat64.internal ?? DEFAULT_SERVICES.internal,
          },
        }),
    ...(siitDc === undefined
      ? {}
      : {
          siitDc: {
            prefix: prefixText(siitDc.prefix),
            mappings: nodes.flatMap(({ name, loopback }) =>
              (file.nodes[name]?.publish ?? []).map(({ v4, address }) => ({
                v4,
                v6: address === undefined ? loopback : addressText(address),
                node: name,
              })),
            ),
          },
        }),
    ...(services.access === undefined ? {} : { access: resolveAccess(services.access, nodes) }),
  };
}

function resolveResolver(
  file: ResolverFile,
  own: readonly string[],
  pref64: string | undefined,
): NonNullable<FabricServices["resolver"]> {
  const prefix = file.dns64?.prefix ?? pref64;
  return {
    anycast: file.anycast.map(addressText),
    clients: (file.clients ?? own).map(prefixText),
    ...(prefix === undefined
      ? {}
      : {
          dns64: {
            prefix: prefixText(prefix),
            ignoreAaaa: (file.dns64?.ignoreAaaa ?? []).map(domainText),
            excludeAaaa: [...new Set([MAPPED_PREFIX, ...(file.dns64?.excludeAaaa ?? [])].map(prefixText))],
          },
        }),
    roots: Object.entries(file.roots ?? {}).map(([name, address]) => ({
      name: domainText(name),
      address: addressText(address),
    })),
    check: (file.check ?? []).map(domainText),
    forward: zones(file.forward),
    stub: zones(file.stub),
  };
}

function zones(file: ResolverFile["forward"]): readonly ZoneServers[] {
  return Object.entries(file ?? {}).map(([zone, addresses]) => ({
    zone: domainText(zone),
    addresses: addresses.map(addressText),
  }));
}

/** Lower case, with its final dot. */
function domainText(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}

function prefixText(text: string): string {
  return canonicalPrefix(text) ?? text;
}

function addressText(text: string): string {
  return canonicalAddress(text) ?? text;
}
