import type { EpeDestination, FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import { formatAddress, parseAddress } from "@vsix/shared/net/address.ts";
import {
  containsAddress,
  containsPrefix,
  formatPrefix,
  overlaps,
  type Prefix,
  parsePrefix,
} from "@vsix/shared/net/prefix.ts";

/** What shall be measured, and what was asked for and is not. Pure; the controller loads the sources. */

/** Destinations from one place: the file's list, a source, or what is learned. */
export interface DestinationSource {
  /** As operators know it: `list`, a path, a URL, `learned`. */
  readonly name: string;
  readonly destinations: readonly EpeDestination[];
}

export interface PlannedDestination extends EpeDestination {
  readonly parsed: Prefix;
}

export type RefusedWhy = "too-many" | "never" | "ours" | "wrong" | "twice";

export interface DestinationPlan {
  /** In the order in which they were asked for; each prefix and each address once. */
  readonly destinations: readonly PlannedDestination[];
  /** By source and reason, with the first as an example. */
  readonly refused: readonly {
    readonly source: string;
    readonly why: RefusedWhy;
    readonly count: number;
    readonly example: string;
  }[];
}

/** @param ours prefixes of the AS; nothing inside leaves by an egress peer */
export function planDestinations(
  { destinations: { max }, never }: Pick<FabricEpe, "destinations" | "never">,
  ours: readonly string[],
  sources: readonly DestinationSource[],
): DestinationPlan {
  const forbidden = never.prefixes.flatMap((text) => parsePrefix(text) ?? []);
  const own = ours.flatMap((text) => parsePrefix(text) ?? []);
  const destinations: PlannedDestination[] = [];
  const [prefixes, addresses] = [new Set<string>(), new Set<string>()];
  const refused = new Map<string, DestinationPlan["refused"][number]>();
  for (const { name: source, destinations: asked } of sources)
    for (const one of asked) {
      const refuse = (why: RefusedWhy): void => {
        const key = `${source} ${why}`;
        const before = refused.get(key);
        const example = before?.example ?? `${one.prefix} ${one.address}`.slice(0, 120);
        refused.set(key, { source, why, count: (before?.count ?? 0) + 1, example });
      };
      const [parsed, address] = [parsePrefix(one.prefix), parseAddress(one.address)];
      if (
        parsed === undefined ||
        address === undefined ||
        parsed.length === 0 ||
        !containsAddress(parsed, address)
      ) {
        refuse("wrong");
        continue;
      }
      const [prefix, text] = [formatPrefix(parsed), formatAddress(address)];
      if (own.some((each) => overlaps(each, parsed))) refuse("ours");
      else if (forbidden.some((each) => containsPrefix(each, parsed) || containsAddress(each, address)))
        refuse("never");
      else if (prefixes.has(prefix) || addresses.has(text)) refuse("twice");
      else if (destinations.length >= max) refuse("too-many");
      else {
        prefixes.add(prefix);
        addresses.add(text);
        destinations.push({ ...one, prefix, address: text, parsed });
      }
    }
  return { destinations, refused: [...refused.values()] };
}

/**
 * A file or a download of destinations: a line each, `PREFIX ADDRESS [icmp6|tcp|udp [PORT]]`, `#` begins a comment. All or nothing:
 * a half list would take half of the measuring away.
 */
export function parseDestinations(
  text: string,
  { maxBytes, maxEntries }: { readonly maxBytes: number; readonly maxEntries: number },
):
  | { readonly ok: true; readonly destinations: readonly EpeDestination[] }
  | { readonly ok: false; readonly line: number; readonly message: string } {
  if (text.length > maxBytes)
    return { ok: false, line: 0, message: `longer than ${maxBytes} octets (maxBytes)` };
  const destinations: EpeDestination[] = [];
  for (const [at, whole] of text.split("\n").entries()) {
    const words = whole.replace(/#.*/, "").trim().split(/\s+/);
    if (words[0] === "") continue;
    const wrong = (message: string) => ({ ok: false, line: at + 1, message }) as const;
    const [prefix = "", address = "", protocol = "icmp6", port] = words;
    const parsed = parsePrefix(prefix);
    const host = parseAddress(address);
    if (parsed === undefined) return wrong(`${show(prefix)} is not an IPv6 prefix`);
    if (host === undefined) return wrong(`${show(address)} is not an IPv6 address`);
    if (!containsAddress(parsed, host)) return wrong(`${show(address)} does not lie in ${show(prefix)}`);
    if (protocol !== "icmp6" && protocol !== "tcp" && protocol !== "udp")
      return wrong(`${show(protocol)} is none of icmp6, tcp, udp`);
    const number = Number(port);
    if (
      port !== undefined &&
      (protocol === "icmp6" || !/^[0-9]{1,5}$/.test(port) || number < 1 || number > 65_535)
    )
      return wrong(`${show(port)} is no port of ${protocol}`);
    if (words.length > 4) return wrong("more than PREFIX ADDRESS PROTOCOL PORT");
    if (destinations.length >= maxEntries) return wrong(`more than ${maxEntries} entries (maxEntries)`);
    destinations.push({
      prefix: formatPrefix(parsed),
      address: formatAddress(host),
      protocol,
      ...(port === undefined ? {} : { port: number }),
    });
  }
  return { ok: true, destinations };
}

/** A stranger's text goes onto terminals. */
function show(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
