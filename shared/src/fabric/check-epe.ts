import { formatAddress, parseAddress } from "../net/address.ts";
import { containsAddress, containsPrefix, formatPrefix, overlaps } from "../net/prefix.ts";
import { unusable } from "./check-measure.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, type Located, readPrefix, readPrefixes } from "./draft.ts";
import { DEFAULT_EPE } from "./epe-defaults.ts";
import type { EpeFile, EpeObjectiveFile } from "./epe-schema.ts";
import type { Path } from "./fault.ts";
import type { Loose } from "./loose.ts";
import { egressPeerNames } from "./resolve-epe.ts";

/** Section `epe` but for its rules: what contradicts itself, and what could never happen. */
export function checkEpe(draft: Draft): void {
  const epe = draft.file.epe;
  if (epe === undefined) return;
  const peers = peersOf(draft);
  if (draft.complete && peers.length === 0)
    draft.report({
      path: ["epe"],
      at: "key",
      message: "no External Edge has a link to an upstream, so there is nothing to choose",
    });
  checkMeasured(draft, epe, peers.length);
  checkDestinations(draft, epe);
  checkSources(draft, epe);
  checkPeers(draft, epe, peers);
  checkPreferences(draft, ["epe"], epe, peers);
  checkObjective(draft, ["epe", "objective"], epe.objective, epe);
  checkNumbersOf(draft, epe);
}

/** Names of the egress peers that the links make. */
export function peersOf(draft: Draft): readonly string[] {
  const links = draft.links.map(({ names }) => ({ ends: names.map((node) => ({ node: node ?? "" })) }));
  return egressPeerNames(links, (name) => draft.nodes.get(name)?.role);
}

const MEASURING: readonly string[] = ["plane", "external-edge"];

function checkMeasured(draft: Draft, { measure: given, destinations }: Loose<EpeFile>, peers: number): void {
  const path = ["epe", "measure"];
  const measure = { ...DEFAULT_EPE.measure, ...withoutHoles(given ?? {}) };
  const say = (key: string, message: string): void =>
    draft.report({ path: given?.[key as "size"] === undefined ? path : [...path, key], at: "key", message });
  if (measure.timeoutMs >= measure.cycleS * 1000)
    say(
      "timeoutMs",
      `timeoutMs (${measure.timeoutMs}) must be less than a cycle (${measure.cycleS} s), or cycles run into each other`,
    );
  const fullSize = given?.fullSize ?? 0;
  if (fullSize !== 0 && fullSize < measure.size)
    say("fullSize", `fullSize (${fullSize}) must be no less than size (${measure.size}); 0 switches it off`);
  const packets = (measure.probes + 1) * peers;
  if (packets > measure.maxPacketsPerDestinationPerS * measure.cycleS)
    say(
      "maxPacketsPerDestinationPerS",
      `${packets} packets a cycle to each destination (${measure.probes} probes and a full one by ${peers} peers) are more than ${measure.maxPacketsPerDestinationPerS}/s of ${measure.cycleS} s; at least ${ceil(packets / measure.cycleS)} is needed, or fewer probes, or a longer cycle`,
    );
  const all = packets * (destinations?.list?.length ?? 0);
  if (all > measure.maxPacketsPerS * measure.cycleS)
    say(
      "maxPacketsPerS",
      `${all} packets a cycle to the destinations listed are more than ${measure.maxPacketsPerS}/s of ${measure.cycleS} s; at least ${Math.ceil(all / measure.cycleS)} is needed, or a longer cycle`,
    );
  for (const [i, name] of (given?.from ?? []).entries()) {
    if (name === undefined) continue;
    const node = draft.nodes.get(name);
    const why =
      node === undefined
        ? `there is no node ${name}${didYouMean(name, draft.nodes.keys())}`
        : node.role !== undefined && !MEASURING.includes(node.role) && node.controller !== true
          ? `${name} has role ${node.role}; plane routers and External Edges measure, and of Edges the controller's own (controller: true): another's owner may run anything there`
          : node.software === "bird"
            ? `${name} is not our agent's (software: bird), so it cannot measure`
            : undefined;
    if (why !== undefined) draft.report({ path: [...path, "from", i], message: why });
  }
}

function checkDestinations(draft: Draft, epe: Loose<EpeFile>): void {
  const never = readPrefixes(draft.report, ["epe", "never", "prefixes"], epe.never?.prefixes);
  const fixed = (draft.file.overrides ?? []).flatMap((one, i) =>
    // Its own faults have been reported.
    one?.prefix === undefined ? [] : (readPrefix(() => {}, ["overrides", i], one.prefix) ?? []),
  );
  const list = epe.destinations?.list ?? [];
  const max = epe.destinations?.max ?? DEFAULT_EPE.maxDestinations;
  if (list.length > max)
    draft.report({
      path: ["epe", "destinations", "list"],
      at: "key",
      message: `${list.length} destinations, \`max\` allows ${max}`,
    });
  const taken = new Map<string, number>();
  for (const [i, one] of list.entries()) {
    const path: Path = ["epe", "destinations", "list", i];
    const report = (message: string): void => draft.report({ path, message });
    if (one?.port !== undefined && (one.protocol ?? "icmp6") === "icmp6")
      report("`port` means nothing for icmp6; say protocol tcp or udp");
    const located = readPrefix(draft.report, [...path, "prefix"], one?.prefix);
    if (located !== undefined) {
      const text = formatPrefix(located.prefix);
      const before = taken.get(text);
      if (before !== undefined)
        report(`${text} is already destination ${before + 1}; each prefix counts once`);
      taken.set(text, before ?? i);
      const why = notADestination(draft, located, never, fixed);
      if (why !== undefined) draft.report({ path: located.path, message: why });
    }
    if (one?.address === undefined) continue;
    const address = parseAddress(one.address);
    if (address === undefined) {
      report(
        `${JSON.stringify(one.address)} is not an IPv6 address; write it like 2001:db8::1, without a length`,
      );
      continue;
    }
    const why = located === undefined ? undefined : unusable(draft, address);
    if (why !== undefined) report(`${formatAddress(address)} ${why}`);
    else if (located !== undefined && !containsAddress(located.prefix, address))
      report(
        `${formatAddress(address)} does not lie in ${formatPrefix(located.prefix)}, so it says nothing of it`,
      );
  }
}

function notADestination(
  draft: Draft,
  { prefix }: Located,
  never: readonly Located[],
  fixed: readonly Located[],
): string | undefined {
  const text = formatPrefix(prefix);
  if (prefix.length === 0) return "::/0 is everything; name what is measured";
  const ours = draft.own.find((one) => overlaps(one.prefix, prefix));
  if (ours !== undefined)
    return `${text} overlaps our own ${formatPrefix(ours.prefix)}; only what is outside leaves by an egress peer`;
  const excluded = never.find((one) => containsPrefix(one.prefix, prefix));
  if (excluded !== undefined)
    return `${text} lies in ${formatPrefix(excluded.prefix)}, which \`never\` forbids to probe; take it out of one of the two`;
  const override = fixed.find((one) => containsPrefix(one.prefix, prefix));
  if (override !== undefined)
    return `${text} lies in ${formatPrefix(override.prefix)}, which \`overrides\` leads out by a fixed peer; take it out of one of the two`;
  return undefined;
}

function checkSources(draft: Draft, { destinations }: Loose<EpeFile>): void {
  for (const [i, source] of (destinations?.sources ?? []).entries()) {
    if (source === undefined) continue;
    const why = sourceFault(source.file, source.url);
    if (why !== undefined) draft.report({ path: ["epe", "destinations", "sources", i], message: why });
  }
}

function sourceFault(file: string | undefined, url: string | undefined): string | undefined {
  if ((file === undefined) === (url === undefined)) return "a source has `file` or `url`, and not both";
  if (file !== undefined)
    return file.startsWith("/")
      ? undefined
      : `${JSON.stringify(file)} is no absolute path; write it from / on`;
  const parts = /^https:\/\/([^/?#]+)/.exec(url ?? "");
  if (parts === null) return "`url` begins with https://; whoever can change the list chooses what is probed";
  return parts[1]?.includes("@") === true ? "a URL stands in logs: no user and no password in it" : undefined;
}

function checkPeers(draft: Draft, epe: Loose<EpeFile>, peers: readonly string[]): void {
  const general = { ...DEFAULT_EPE.capacity, ...withoutHoles(epe.capacity ?? {}) };
  const sane = checkShares(draft, ["epe", "capacity"], general);
  for (const [name, peer] of Object.entries(epe.peers ?? {})) {
    if (peer === undefined) continue;
    const path = ["epe", "peers", name];
    if (draft.complete && !peers.includes(name))
      draft.report({ path, at: "key", message: noPeer(name, peers) });
    const own = withoutHoles(peer);
    // A peer that only inherits what is wrong in general is not wrong itself.
    if (sane && ("detourAtPercent" in own || "restoreAtPercent" in own))
      checkShares(draft, path, { ...general, ...own });
  }
}

function checkShares(
  draft: Draft,
  path: Path,
  {
    detourAtPercent,
    restoreAtPercent,
  }: { readonly detourAtPercent: number; readonly restoreAtPercent: number },
): boolean {
  if (restoreAtPercent < detourAtPercent) return true;
  const message = `restoreAtPercent (${restoreAtPercent}) must be less than detourAtPercent (${detourAtPercent}), or traffic goes to and fro`;
  draft.report({ path, at: "key", message });
  return false;
}

/** Lists of peers, here or in a rule. */
export function checkPreferences(
  draft: Draft,
  path: Path,
  { prefer, avoid }: Loose<Pick<EpeFile, "prefer" | "avoid">>,
  peers: readonly string[],
): void {
  for (const [key, list] of [
    ["prefer", prefer],
    ["avoid", avoid],
  ] as const)
    for (const [i, name] of (list ?? []).entries()) {
      if (name === undefined) continue;
      if (draft.complete && !peers.includes(name))
        draft.report({ path: [...path, key, i], message: noPeer(name, peers) });
      else if (key === "avoid" && prefer?.includes(name))
        draft.report({
          path: [...path, key, i],
          message: `${name} is preferred and avoided; take it out of one of the two`,
        });
    }
  if (draft.complete && peers.length > 0 && peers.every((name) => avoid?.includes(name)))
    draft.report({
      path: [...path, "avoid"],
      at: "key",
      message: "every egress peer is avoided, so nothing could ever move; leave one out",
    });
}

/** Weights and limits, here or in a rule. */
export function checkObjective(
  draft: Draft,
  path: Path,
  objective: Loose<EpeObjectiveFile> | undefined,
  epe: Loose<EpeFile>,
): void {
  const general = withoutHoles(epe.objective?.weights ?? {});
  const weights = { ...DEFAULT_EPE.weights, ...general, ...withoutHoles(objective?.weights ?? {}) };
  if (objective?.weights !== undefined && Object.values(weights).every((weight) => weight === 0))
    draft.report({
      path: [...path, "weights"],
      at: "key",
      message: "every weight is 0, so all peers are equal; give one",
    });
  const limits = objective?.limits ?? {};
  const timeoutMs = epe.measure?.timeoutMs ?? DEFAULT_EPE.measure.timeoutMs;
  if (limits.rttMs !== undefined && limits.rttMs >= timeoutMs)
    draft.report({
      path: [...path, "limits", "rttMs"],
      message: `no round trip is ever seen to be longer than timeoutMs (${timeoutMs}); a limit must be less`,
    });
  const peers = peersOf(draft);
  const costs = peers.map((name) => epe.peers?.[name]?.cost ?? DEFAULT_EPE.peer.cost);
  const cost = limits.cost;
  if (draft.complete && cost !== undefined && peers.length > 0 && costs.every((one) => one > cost))
    draft.report({
      path: [...path, "limits", "cost"],
      message: `no egress peer costs so little; the cheapest costs ${Math.min(...costs)}`,
    });
  for (const key of ["rttMs", "jitterMs"] as const)
    if (limits[key] === 0)
      draft.report({
        path: [...path, "limits", key],
        message: "no path is so quick; leave the limit out, or say what is too slow",
      });
}

function checkNumbersOf(draft: Draft, { decide: given, measure }: Loose<EpeFile>): void {
  if (given === undefined) return;
  const decide = { ...DEFAULT_EPE.decide, ...withoutHoles(given) };
  const say = (message: string): void => draft.report({ path: ["epe", "decide"], at: "key", message });
  if (decide.keepGainMs >= decide.minimumGainMs)
    say(
      `keepGainMs (${decide.keepGainMs}) must be less than minimumGainMs (${decide.minimumGainMs}), or prefixes move to and fro`,
    );
  if (decide.lossCycles < decide.cycles)
    say(
      `lossCycles (${decide.lossCycles}) must be no less than cycles (${decide.cycles}); losses are rarer than round trips`,
    );
  if (decide.rememberMaxS < decide.rememberS)
    say(`rememberMaxS (${decide.rememberMaxS}) must be no less than rememberS (${decide.rememberS})`);
  if (decide.error < 2 ** -decide.cycles)
    say(
      `${decide.cycles} cycles can never be surer than ${(2 ** -decide.cycles).toPrecision(2)}, so an error of ${decide.error} lets nothing move; more cycles, or a greater error`,
    );
  const checkS = decide.checkCycles * (measure?.cycleS ?? DEFAULT_EPE.measure.cycleS);
  if (decide.rememberS < checkS)
    say(
      `rememberS (${decide.rememberS}) must be no less than the check after a move takes (${decide.checkCycles} cycles, ${checkS} s)`,
    );
}

export function noPeer(name: string, peers: readonly string[]): string {
  return `there is no egress peer ${name}${didYouMean(name, peers)}; egress peers: ${peers.slice(0, 16).join(", ")}`;
}

function ceil(value: number): number {
  return Math.ceil(value * 100) / 100;
}

/** Wrong pieces have been reported; here the default stands for them. */
function withoutHoles<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
