import { HEALTH_DEFAULTS, type HealthPart } from "../contract/part-health.ts";
import { canonicalAddress } from "../net/address.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import type { HealthCommandFile, HealthFile } from "./health-schema.ts";

/** What a checked file means, once defaults are filled in. Planes of a fabric are not known here. */
export function resolveHealth(file: HealthFile & HealthCommandFile): HealthPart {
  const address = (text: string): string => canonicalAddress(text) ?? text;
  const host = (text: string): string => canonicalAddress(text) ?? text.replace(/\.$/, "").toLowerCase();
  const sites = (pages: Readonly<Record<string, string>> = {}) =>
    Object.entries(pages).map(([name, url]) => ({ name, url }));
  const { intervalS, sizes, signed, ownResolvers } = file;
  return {
    version: 1,
    intervalS: intervalS ?? HEALTH_DEFAULTS.intervalS,
    ...(file.interface === undefined ? {} : { interface: file.interface }),
    resolvers: (file.resolvers ?? []).map(address),
    ...(ownResolvers === undefined ? {} : { ownResolvers }),
    targets: Object.entries(file.targets ?? {}).map(([name, text]) => ({ name, host: host(text) })),
    names: (file.names ?? []).map(host),
    ...(signed === undefined ? {} : { signed: host(signed) }),
    web: sites(file.web),
    translated: sites(file.translated),
    pref64: (file.pref64 ?? []).map(({ prefix, at }) => ({
      prefix: canonicalPrefix(prefix) ?? prefix,
      ...(at === undefined ? {} : { at }),
    })),
    planes: Object.entries(file.planes ?? {}).map(([plane, targets]) => ({
      plane,
      targets: Object.entries(targets).map(([name, text]) => ({ name, address: address(text) })),
    })),
    sizes: [...new Set(sizes ?? HEALTH_DEFAULTS.sizes)].sort((a, b) => a - b),
    limits: { ...HEALTH_DEFAULTS.limits, ...file.limits },
  };
}
