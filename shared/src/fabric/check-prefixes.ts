import { formatAddress, parseAddress } from "../net/address.ts";
import { containsPrefix, formatPrefix, overlaps, type Prefix, parsePrefix } from "../net/prefix.ts";
import { serviceClaims } from "./check-services.ts";
import { DEFAULT_BOGONS } from "./defaults.ts";
import { type Draft, type DraftNode, readPrefix, readPrefixes } from "./draft.ts";
import { type Claim, reportOverlaps } from "./overlaps.ts";
import { defaultBlocks, loopbackOf } from "./plan.ts";

/** The address plan: every prefix belongs to one thing and lies where it should. */
export function checkPrefixes(draft: Draft): void {
  checkOwn(draft);
  const reserved = checkBlocks(draft);
  const claims: Claim[] = [...reserved];
  for (const node of draft.nodes.values()) {
    if (node.role === "edge") checkEdge(draft, node);
    if (node.role === "upstream") checkUpstream(draft, node);
    for (const { prefix, path } of node.announced) claims.push({ prefix, path, owner: `${node.name}'s` });
  }
  claims.push(...serviceClaims(draft));
  reportOverlaps(draft.report, claims);
  checkLoopbacks(draft);
}

function checkOwn(draft: Draft): void {
  for (const { prefix, path } of draft.own) {
    if (prefix.length < 12 || prefix.length > 48) {
      const message = `${formatPrefix(prefix)}: what upstreams hear is from /12 to /48 (others filter the rest)`;
      draft.report({ path, message });
    }
  }
  reportOverlaps(
    draft.report,
    draft.own.map((one) => ({ ...one, owner: "ours by another entry" })),
  );
}

/** The infrastructure block and what is cut from it. Returns the claims that others must not overlap. */
function checkBlocks(draft: Draft): readonly Claim[] {
  const { infrastructure, own, report } = draft;
  if (infrastructure === undefined) return [];
  const { prefix, path } = infrastructure;
  if (prefix.length !== 40) {
    report({ path, message: `${formatPrefix(prefix)}: infrastructure is a /40` });
    return [];
  }
  if (own.length > 0 && !own.some((one) => containsPrefix(one.prefix, prefix))) {
    report({
      path,
      message: `${formatPrefix(prefix)} is outside of \`prefixes\`; nobody could reach our routers`,
    });
  }
  const derived = defaultBlocks(prefix);
  const blocks = (["loopbacks", "links", "sids"] as const).map((field): Claim => {
    const given = readPrefix(report, ["addressing", field], draft.file.addressing?.[field]);
    const length = field === "sids" ? 48 : 64;
    if (given !== undefined && given.prefix.length !== length) {
      report({ path: given.path, message: `${formatPrefix(given.prefix)}: \`${field}\` is a /${length}` });
    } else if (given !== undefined && !containsPrefix(prefix, given.prefix)) {
      const message = `${formatPrefix(given.prefix)} is outside of infrastructure ${formatPrefix(prefix)}`;
      report({ path: given.path, message });
    } else if (given !== undefined) return { ...given, owner: `the block of ${field}` };
    return { prefix: derived[field], path, owner: `the block of ${field}` };
  });
  reportOverlaps(report, blocks);
  return [{ ...infrastructure, owner: "infrastructure" }];
}

function checkEdge(draft: Draft, node: DraftNode): void {
  needPrefixes(draft, node);
  for (const { prefix, path } of node.announced) {
    if (draft.own.length > 0 && !draft.own.some((one) => containsPrefix(one.prefix, prefix))) {
      const ours = draft.own.map((one) => formatPrefix(one.prefix)).join(", ");
      draft.report({ path, message: `${formatPrefix(prefix)} is outside of \`prefixes\` (${ours})` });
    } else if (prefix.length > 64) {
      draft.report({ path, message: `${formatPrefix(prefix)} is longer than /64` });
    } else if (draft.own.some((one) => containsPrefix(prefix, one.prefix))) {
      draft.report({
        path,
        message: `${formatPrefix(prefix)} is all of our own space; an Edge has a part of it`,
      });
    }
  }
}

function checkUpstream(draft: Draft, node: DraftNode): void {
  needPrefixes(draft, node);
  const quiet = (): void => undefined;
  const except = readPrefixes(quiet, [], draft.file.policies?.bogons?.except).map(({ prefix }) =>
    formatPrefix(prefix),
  );
  const bogons = parsed(DEFAULT_BOGONS.filter((bogon) => !except.includes(bogon)));
  for (const { prefix, path } of node.announced) {
    const text = formatPrefix(prefix);
    const ours = draft.own.find((one) => overlaps(one.prefix, prefix));
    const bogon = bogons.find((one) => containsPrefix(one, prefix));
    if (ours !== undefined) {
      draft.report({
        path,
        message: `${text} overlaps our own ${formatPrefix(ours.prefix)}; External Edges refuse it`,
      });
    } else if (bogon !== undefined) {
      const message = `${text} lies in bogon ${formatPrefix(bogon)} and would be refused; in a lab, add that to policies.bogons.except`;
      draft.report({ path, message });
    } else if (prefix.length > 64) draft.report({ path, message: `${text} is longer than /64` });
  }
}

function needPrefixes(draft: Draft, node: DraftNode): void {
  if (Object.hasOwn(node, "prefixes") ? node.prefixes?.length !== 0 : false) return;
  draft.report({
    path: node.path,
    at: "key",
    message: `${node.role} ${node.name} needs \`prefixes\`, at least one: its loopback is the first one's ::1`,
  });
}

/** Loopbacks that are written: addresses of ours, outside of what is derived or an Edge's, each used once. */
function checkLoopbacks(draft: Draft): void {
  const { infrastructure } = draft;
  const taken = new Map<string, string>();
  if (infrastructure?.prefix.length !== 40) return;
  const derived = defaultBlocks(infrastructure.prefix);
  const loopbacks = parsePrefix(draft.file.addressing?.loopbacks ?? "") ?? derived.loopbacks;
  if (loopbacks.length !== 64) return;
  const ours = [...draft.nodes.values()].filter(
    (node) => node.role === "plane" || node.role === "external-edge",
  );
  for (const node of ours.filter((one) => one.loopback === undefined)) {
    taken.set(loopbackOf({ ...derived, loopbacks }, node.effectiveId), node.name);
  }
  for (const node of ours) {
    if (node.loopback === undefined) continue;
    const path = [...node.path, "loopback"];
    const address = parseAddress(node.loopback);
    if (address === undefined) {
      draft.report({
        path,
        message: `${JSON.stringify(node.loopback)} is not an IPv6 address (no /length here)`,
      });
      continue;
    }
    const text = formatAddress(address);
    const other = taken.get(text);
    if (!containsPrefix(loopbacks, { address, length: 128 })) {
      draft.report({
        path,
        message: `${text} is outside of the block of loopbacks, ${formatPrefix(loopbacks)}`,
      });
    } else if (other !== undefined) draft.report({ path, message: `${text} is already ${other}'s loopback` });
    taken.set(text, other ?? node.name);
  }
}

function parsed(texts: readonly string[]): readonly Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
