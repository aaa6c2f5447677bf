import type { OriginatePart } from "@vsix/shared/contract/part-bgp.ts";
import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { announcedBy } from "@vsix/shared/fabric/services-model.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, parsePrefix } from "@vsix/shared/net/prefix.ts";

/** Host number, in a translator's first prefix, of the address that its own ICMP errors come from. */
const TRANSLATOR_HOST = 0x64;

/** Part `services` of one node; undefined where it has none. */
export function compileServices(fabric: Fabric, node: FabricNode): ServicesPart | undefined {
  const { services } = fabric;
  if (services === undefined) return undefined;
  const { resolver, nat64, siitDc } = services;
  if (node.service === "resolver" && resolver !== undefined) {
    const { anycast, dns64, roots, forward, stub } = resolver;
    return {
      version: 1,
      resolver: {
        listen: [...anycast, node.loopback],
        source: node.loopback,
        clients: [...resolver.clients],
        ...(dns64 === undefined
          ? {}
          : {
              dns64: {
                prefix: dns64.prefix,
                ignoreAaaa: [...dns64.ignoreAaaa],
                excludeAaaa: [...dns64.excludeAaaa],
              },
            }),
        roots: [...roots],
        ...(resolver.check.length === 0 ? {} : { check: [...resolver.check] }),
        forward: forward.map(({ zone, addresses }) => ({ zone, addresses: [...addresses] })),
        stub: stub.map(({ zone, addresses }) => ({ zone, addresses: [...addresses] })),
      },
    };
  }
  if (node.service === "nat64" && nat64 !== undefined)
    return {
      version: 1,
      translator: {
        kind: "nat64",
        prefix: nat64.prefix,
        own6: ownAddress(node),
        clients: [...fabric.prefixes],
        internal: nat64.internal,
        ...(nat64.check.length === 0 ? {} : { check: [...nat64.check] }),
        pool: [...(node.pool ?? [])],
        mappings: [],
      },
    };
  if (node.service === "siit-dc" && siitDc !== undefined)
    return {
      version: 1,
      translator: {
        kind: "siit-dc",
        prefix: siitDc.prefix,
        own6: ownAddress(node),
        clients: [...fabric.prefixes],
        pool: [...(node.pool ?? [])],
        mappings: siitDc.mappings.map(({ v4, v6 }) => ({ v4, v6 })),
      },
    };
  return undefined;
}

/** What a node announces only while its service works. */
export function serviceRoutes(fabric: Fabric, node: FabricNode): readonly OriginatePart[] {
  return announcedBy(fabric.services, node).map(({ prefix, behind, service }) => ({
    prefix,
    class: "edge",
    service,
    ...(behind === 0 ? {} : { prepend: behind }),
  }));
}

/** Everything that a node may announce and send from. */
export function ownSpace(fabric: Fabric, node: FabricNode): readonly string[] {
  return [...node.prefixes, ...announcedBy(fabric.services, node).map(({ prefix }) => prefix)];
}

function ownAddress({ name, prefixes }: FabricNode): string {
  const first = parsePrefix(prefixes[0] ?? "");
  if (first === undefined) throw new VsixError("fabric-not-valid", `${name} has no prefix`);
  return formatAddress(addressAt(first, TRANSLATOR_HOST));
}
