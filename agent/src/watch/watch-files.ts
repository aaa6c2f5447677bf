import { networkInterfaces } from "node:os";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import { type ConfiguredReceiver, readReceivers } from "@vsix/shared/notify/receivers-file.ts";
import { readTextFile } from "@vsix/shared/notify/text-file.ts";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import { ConfigError } from "../config.ts";
import { ownPaths, paced, sourcesText } from "../core/watch/own-paths.ts";
import { canonicalIp6 } from "../wire/netlink/ip-text.ts";

/** The files that a watch goes by; each throws {@link ConfigError} with every fault, line and column. */

/** More would fill a screen and help nobody. */
const MAX_SHOWN = 20;

export function readExpected(file: string): ExpectedPaths {
  const read = readTextFile(file);
  if ("fault" in read) throw new ConfigError(`${file}: ${read.fault}`);
  const result = parseExpected(read.text, file);
  if (result.ok) return result.expected;
  throw new ConfigError(faultsText(result.faults.map(formatFault)));
}

/** Nobody is told anything where no file is named. */
export function readNotify(file: string | undefined): readonly ConfiguredReceiver[] {
  if (file === undefined) return [];
  const result = readReceivers(file);
  if (result.ok) return result.receivers;
  throw new ConfigError(faultsText(result.faults.map(formatFault)));
}

export interface PathsHere {
  readonly file: string;
  readonly source: string;
  readonly intervalMs?: number;
  /** Probes a second of all paths together. */
  readonly ratePerS: number;
}

/** What of the file is to be traced from here, at a pace that can be kept. */
export function readPathsHere({ file, ratePerS, ...options }: PathsHere): ExpectedPaths {
  const expected = readExpected(file);
  const addresses = ownAddresses();
  const own = ownPaths(expected, { ...options, isOwn: (address) => addresses.has(address) });
  if (own.entries.length > 0) return { ...own, entries: paced(own.entries, ratePerS) };
  const { source } = options;
  throw new ConfigError(
    `${file}: no path begins at ${source}; there are paths from ${sourcesText(expected)}: name one of them by --source, or "*" in the file`,
  );
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.flatMap(({ address }) => canonicalIp6(address) ?? []));
}

function faultsText(faults: readonly string[]): string {
  const more = faults.length - MAX_SHOWN;
  return [...faults.slice(0, MAX_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
