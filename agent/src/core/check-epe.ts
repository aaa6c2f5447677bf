import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import {
  canonicalPrefix,
  containsAddress,
  overlaps,
  type Prefix,
  parsePrefix,
} from "@vsix/shared/net/prefix.ts";

/** The kernel compares every packet of every port with one rule after the other. */
const MAX_RULES = 1024;
const TCP = 6;
const UDP = 17;

/** What a part `epe` is compared with. */
export interface EpeSetting {
  readonly fabric: FabricPart;
  /** Our own address space. */
  readonly ownPrefixes: readonly string[];
}

/**
 * What makes no sense in a part `epe`, as `FIELD: REASON`; undefined when all is well. Overrides are for ports that face Edges
 * and nobody else (inside a plane a fallback would loop: measured), lead into the SID block, and never take our own
 * address space out: the rules would catch the encapsulated packet itself again.
 */
export function faultOfEpe(epe: EpePart, { fabric, ownPrefixes }: EpeSetting): string | undefined {
  const names = new Set<string>();
  const closed = [...ownPrefixes, fabric.sidBlock].flatMap((text) => parsePrefix(text) ?? []);
  const setting = {
    faces: new Map(fabric.interfaces.map(({ name, faces }) => [name, faces])),
    closed,
    sidBlock: parsePrefix(fabric.sidBlock),
  };
  let rules = 0;
  for (const [i, one] of epe.classes.entries()) {
    const place = `epe /classes/${i}`;
    if (names.has(one.name)) return `${place}/name: ${quoted(one.name)} is there twice`;
    names.add(one.name);
    const fault = faultOfClass(one, setting);
    if (fault !== undefined) return `${place}${fault}`;
    rules += one.interfaces.length * (one.match.sources?.length ?? 1);
    if (rules > MAX_RULES)
      return `${place}: with this class there are ${rules} rules (ports times sources); ${MAX_RULES} are possible`;
  }
  return undefined;
}

interface ClassSetting {
  readonly faces: ReadonlyMap<string, string>;
  readonly closed: readonly Prefix[];
  readonly sidBlock: Prefix | undefined;
}

function faultOfClass({ match, interfaces, overrides }: EpeClass, setting: ClassSetting): string | undefined {
  for (const [i, port] of interfaces.entries()) {
    const faces = setting.faces.get(port);
    if (faces === "edge") continue;
    const reason = faces === undefined ? "is no port of this node" : `faces ${faces}, not an Edge`;
    return `/interfaces/${i}: ${quoted(port)} ${reason}`;
  }
  if (new Set(interfaces).size !== interfaces.length) return "/interfaces: a port is there twice";
  for (const [i, source] of (match.sources ?? []).entries())
    if (parsePrefix(source) === undefined) return `/match/sources/${i}: ${quoted(source)} is no IPv6 prefix`;
  const { ports, protocol } = match;
  if (ports !== undefined && protocol !== TCP && protocol !== UDP)
    return `/match/ports: only with protocol ${TCP} or ${UDP}`;
  if (ports !== undefined && ports.from > ports.to)
    return `/match/ports: from ${ports.from} to ${ports.to} is nothing`;
  return faultOfOverrides(overrides, setting);
}

function faultOfOverrides(
  overrides: EpeClass["overrides"],
  { closed, sidBlock }: ClassSetting,
): string | undefined {
  const seen = new Set<string>();
  /** Segments by their text: thousands of overrides share a few lists. */
  const sound = new Set<string>();
  for (const [i, { prefix: text, segments }] of overrides.entries()) {
    const place = `/overrides/${i}`;
    const prefix = parsePrefix(text);
    if (prefix === undefined) return `${place}/prefix: ${quoted(text)} is no IPv6 prefix`;
    const canonical = canonicalPrefix(text) ?? text;
    if (seen.has(canonical)) return `${place}/prefix: ${canonical} is there twice in its class`;
    seen.add(canonical);
    if (closed.some((own) => overlaps(own, prefix)))
      return `${place}/prefix: ${canonical} overlaps our own address space; only outside destinations are steered out`;
    const list = segments.join(",");
    if (sound.has(list)) continue;
    for (const [j, segment] of segments.entries()) {
      const sid = parseAddress(segment);
      if (sid === undefined) return `${place}/segments/${j}: ${quoted(segment)} is no IPv6 address`;
      if (sidBlock !== undefined && !containsAddress(sidBlock, sid))
        return `${place}/segments/${j}: ${segment} lies outside the SID block`;
    }
    sound.add(list);
  }
  return undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
