import type { Decision, DecisionRule, GainArithmetic, PeerVerdict } from "./decision.ts";

/** Decisions in words, for `vsixctl epe explain`. */

const RULES: Readonly<Record<DecisionRule, string>> = {
  excluded: "its origin AS is never probed (epe.never.as)",
  "no-data": "nothing has been measured yet",
  silent: "it answers by no peer, so nothing can be said",
  inconsistent: "its answers contradict each other: some come from elsewhere, or from too near",
  "bgp-unknown": "not every External Edge has told its routes, so BGP's own choice is not known",
  "bgp-best": "no peer is surely and by enough better than BGP's own choice",
  held: "a peer is better, but this prefix moved a short time ago (epe.decide.holdS)",
  "cap-prefixes":
    "a peer is better, but so many prefixes have moved in this cycle already (epe.decide.maxMovesPerCycle)",
  "cap-traffic":
    "a peer is better, but so much traffic has moved in this cycle already (epe.decide.maxMbpsPerCycle)",
  "no-room": "the better peers would be over their capacity, or their load is not known yet",
  gain: "surely and by enough better than BGP's own choice",
  limit: "BGP's own choice is beyond a hard limit",
  preferred: "preferred, and not measurably worse",
  "leave-avoided": "BGP's own choice is to be avoided, and this is not measurably worse",
  detour: "the link of BGP's own choice is too full",
  checking: "moved; cycles after the move are gathered to judge it again",
  keeps: "moved, and stays so",
  "keeps-without-data":
    "moved, and stays so for lack of data; it will be given up after epe.decide.ageCycles",
  pinned: "as BGP says, by an override of its own: a wider prefix or a later rule would catch it",
  "peer-down": "the peer's session is down",
  "sid-elsewhere": "the peer's SID does not lead to it",
  "external-edge-lost": "the peer's External Edge is not alive",
  withdrawn: "the peer announces no covering route any more",
  policy: "the policy does not allow this peer here any more",
  "full-size": "its path cannot carry full packets",
  "peer-silent": "nothing comes back by it, while it does by BGP's own choice",
  "beyond-limit": "it is beyond a hard limit",
  "gain-gone": "its gain is gone",
  "taken-back": "cycles after the move show no gain",
  "aged-out": "there was no data for too long (epe.decide.ageCycles)",
  "not-asked": "its destination, rule or router is not in the policy any more",
  "bgp-agrees": "BGP has come to choose the same peer",
  restored: "the link it was led away from has room again",
};

/** One decision: what, why, and a line for each peer. */
export function explain(decision: Decision, fullSize: number): string[] {
  const { node, className, prefix, action, rule, peer, bgp, vantage, comparison } = decision;
  const by =
    peer === undefined ? `as BGP says (${bgp ?? "not known"})` : `by ${peer}, not ${bgp ?? "as BGP says"}`;
  const done = { bgp: "stays", move: "moves", keep: "stays", revert: "goes back" }[action];
  return [
    `${prefix} at ${node}, ${className}: ${done}, ${by}: ${RULES[rule]}`,
    ...(vantage === undefined ? [] : [`measured from ${vantage}`]),
    ...(comparison === undefined ? [] : [arithmetic(comparison)]),
    ...decision.peers().map((one) => `  ${one.peer}: ${figures(one)}; ${whyNot(one, fullSize)}`),
  ];
}

export function ruleWords(rule: DecisionRule): string {
  return RULES[rule];
}

/** `gain 12.3 ms over xe-sfc/wide = 12.1 round trip and jitter + 0.2 loss …; 3.0 needed; p 0.0002`. */
export function arithmetic(gain: GainArithmetic): string {
  const parts = [
    [gain.latencyMs, "round trip and jitter"],
    [gain.lossMs, "loss"],
    [gain.asPathMs, "AS path"],
    [gain.costMs, "cost"],
  ] as const;
  const sum = parts.flatMap(([ms, of], at) => (at === 0 || ms !== 0 ? [`${ms.toFixed(1)} ${of}`] : []));
  const unseen =
    gain.unseen === undefined ? "" : `; chance that it loses more than that: ${gain.unseen.toPrecision(2)}`;
  return `gain ${gain.gainMs.toFixed(1)} ms over ${gain.from} = ${sum.join(" + ")}, ${gain.cycles} cycles; needed ${gain.neededMs.toFixed(1)}; ahead in ${Math.round(gain.share * 100)} % of them; chance that it is not over ${gain.overMs.toFixed(1)}: ${gain.p.toPrecision(2)}${unseen}`;
}

function figures({ rttMs, jitterMs, lost, sent, asPathLength }: PeerVerdict): string {
  const rtt =
    rttMs === undefined ? "no answer" : `${rttMs.toFixed(1)} ms, jitter ${(jitterMs ?? 0).toFixed(1)} ms`;
  const path = asPathLength === undefined ? "no route" : `${asPathLength} AS`;
  return `${rtt}, ${lost} of ${sent} lost, ${path}`;
}

/** Why traffic does not go by this peer, or that it does. */
export function whyNot({ code, comparison, forMs }: PeerVerdict, fullSize: number): string {
  const gain = comparison === undefined ? "" : ` (${arithmetic(comparison)})`;
  const wait = forMs === undefined ? "" : `, for ${Math.ceil(forMs / 1000)} s yet`;
  switch (code) {
    case "chosen":
      return `chosen${gain}`;
    case "current":
      return `traffic leaves by it${gain}`;
    case "not-measured":
      return "not measured from here";
    case "external-edge-silent":
      return "its External Edge is not alive";
    case "state-unknown":
      return "its External Edge has not told its state";
    case "session-down":
      return "its session is down";
    case "unstable":
      return `its session is not up for long enough${wait}`;
    case "sid-elsewhere":
      return "its SID does not lead to it";
    case "unannounced":
      return "announces no covering route";
    case "filtered":
      return "our import policy refuses its route";
    case "avoided":
      return "to be avoided";
    case "no-data":
      return "too few cycles measured";
    case "silent":
      return "nothing came back by it";
    case "somebody-else":
      return "another host answered by it than by the other peers";
    case "too-near":
      return "answers so much sooner than by every other peer that something near seems to answer in the host's place";
    case "full-size":
      return `path cannot carry ${fullSize}: no full probe arrived`;
    case "limit":
      return "beyond a hard limit";
    case "remembered":
      return `was no gain before${wait}`;
    case "loss":
      return `seems to lose more${gain}`;
    case "no-gain":
      return `not enough better${gain}`;
    case "not-sure":
      return `better, but it may be chance${gain}`;
    case "less":
      return `better, but not chosen${gain}`;
    case "no-room":
      return `would be over its capacity, or its load is not known yet${gain}`;
  }
}
