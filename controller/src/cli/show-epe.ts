import type { EpeMode } from "../core/epe/in-force.ts";
import type { DestinationView, EpeEventView, EpeExplanation, EpeStatus } from "../epe/view.ts";
import type { EpeModeResult } from "../operations/epe.ts";
import { paint } from "./output.ts";
import { formatTable } from "./table.ts";

const MODES: Readonly<Record<EpeMode, string>> = {
  off: "off: nothing is measured, nothing is moved",
  observe: "observes: measures and decides, moves nothing",
  enforce: "enabled: measures, decides and moves",
};

export function showEpeStatus(status: EpeStatus): string {
  const { mode, policy, destinations, refused, sources, cycleS, decidedAgoMs, decidedInMs, accounts } =
    status;
  if (!policy)
    return "the fabric file has no section `epe`: nothing says what to measure and what counts as better";
  const lines = [
    `${paint("bold", `egress peer engineering ${MODES[mode]}`)}`,
    ...(mode === "off"
      ? []
      : [
          `${destinations} destinations every ${cycleS} s; decided ${ago(decidedAgoMs)}${decidedInMs === null ? "" : `, in ${decidedInMs} ms`}`,
          mode === "enforce"
            ? `${status.overrides} overrides in force`
            : `${status.wanted} overrides would be in force`,
          `moves ${accounts.moves}, kept after the check ${accounts.kept}, taken back ${accounts.takenBack}, ended otherwise ${accounts.reverted}`,
          ...(accounts.meanGainMs === null
            ? []
            : [
                `${mode === "observe" ? "would have won" : "won"} ${accounts.meanGainMs.toFixed(1)} ms in the mean, worse than BGP's choice in ${(accounts.worsePercent ?? 0).toFixed(1)} % of the cycles`,
              ]),
        ]),
    ...refused.map(({ source, why, count, example }) =>
      paint("yellow", `${count} of ${source} not measured (${why}), like ${example}`),
    ),
    ...sources.map(({ name, count, fault }) =>
      fault === null ? `${name}: ${count ?? "no"} destinations` : paint("yellow", `${name}: ${fault}`),
    ),
    "",
    formatTable(
      ["PEER", "SESSION", "SID LEADS", "LOAD", "AFTER MOVES", "CAPACITY", "OVERRIDES"],
      status.peers.map((peer) => [
        peer.peer,
        peer.established === null ? "not told" : peer.established ? "up" : paint("red", "down"),
        peer.sid === null
          ? "-"
          : peer.sid === "peer"
            ? "to it"
            : paint("yellow", peer.sid === "lookup" ? "as BGP says" : "none"),
        ...[peer.mbps, peer.afterMbps, peer.capacityMbps].map((mbps) =>
          mbps === null ? "-" : `${mbps.toFixed(1)} Mbit/s`,
        ),
        String(peer.overrides),
      ]),
    ),
    ...(status.measuring.length === 0
      ? []
      : [
          "",
          formatTable(
            ["MEASURES", "CYCLES", "NEWEST"],
            status.measuring.map(({ node, cycles, agoMs }) => [node, String(cycles), ago(agoMs)]),
          ),
        ]),
    ...(status.alarms.length === 0 ? [] : ["", ...status.alarms.map((alarm) => paint("red", alarm))]),
  ];
  return lines.join("\n");
}

export function showDestinations(rows: readonly DestinationView[]): string {
  if (rows.length === 0) return "nothing has been decided yet; `vsixctl epe status` says why";
  return formatTable(
    ["DESTINATION", "AT", "RULE", "LEAVES BY", "BGP SAYS", "RTT", "GAIN", "TRAFFIC", "MEASURED FROM", "WHY"],
    rows.map(({ prefix, node, className, action, peer, bgp, rttMs, gainMs, mbps, vantage, words }) => [
      prefix,
      node,
      className,
      peer === null ? (bgp ?? "-") : paint(action === "move" ? "green" : "bold", peer),
      bgp ?? "-",
      rttMs === null ? "-" : `${rttMs.toFixed(1)} ms`,
      gainMs === null ? "-" : `${gainMs.toFixed(1)} ms`,
      mbps === null ? "-" : `${mbps.toFixed(1)} Mbit/s`,
      vantage ?? "-",
      words,
    ]),
  );
}

export function showExplanation({
  destination,
  prefix,
  mode,
  decidedAgoMs,
  decisions,
  probers,
}: EpeExplanation): string {
  const head = `${destination} is measured as ${prefix}; decided ${ago(decidedAgoMs)}${mode === "observe" ? "; only observed, nothing is moved" : ""}`;
  return [head, ...decisions.map(({ words }) => words.join("\n")), showProbers(probers)].join("\n\n");
}

const FULL = { arrives: "arrive", lost: "lost", "too-big": "too big", unknown: "not measured" } as const;

/** What each node measures by each peer, whoever decides by it. */
function showProbers(probers: EpeExplanation["probers"]): string {
  return formatTable(
    ["MEASURED FROM", "BY", "RTT", "JITTER", "LOST", "FULL PACKETS", "NEWEST", "DECIDES FOR"],
    probers.flatMap(({ node, agoMs, decides, peers }) => {
      const told = [ago(agoMs ?? null), decides.length === 0 ? "-" : decides.join(", ")];
      if (peers.length === 0) return [[node, "-", "-", "-", "-", "-", ...told]];
      return peers.map(({ peer, rttMs, jitterMs, lost, sent, full }) => [
        node,
        peer,
        rttMs === undefined ? "no answer" : `${rttMs.toFixed(1)} ms`,
        jitterMs === undefined ? "-" : `${jitterMs.toFixed(1)} ms`,
        `${lost} of ${sent}`,
        FULL[full],
        ...told,
      ]);
    }),
  );
}

export function showEpeHistory(rows: readonly EpeEventView[]): string {
  if (rows.length === 0) return "nothing has happened yet";
  return formatTable(
    ["AT", "WHAT", "DESTINATION", "HOW"],
    rows.map(({ at, prefix, body }) => [at, body.kind, prefix === "" ? "-" : prefix, epeEventWords(body)]),
  );
}

/** One line of what happened. */
export function epeEventWords(body: EpeEventView["body"]): string {
  switch (body.kind) {
    case "mode":
      return `${body.mode}, by ${body.who}${body.note === "" ? "" : `: ${body.note}`}`;
    case "destinations":
      return `${body.count} are measured, ${body.refused} refused`;
    case "bad-path":
      return `${body.what.change}: ${body.what.evidence}`;
    case "alarm":
      return `${body.change}: ${body.node}: ${body.object}: ${body.reason}`;
    default:
      return `${body.done ? "" : "(only observed) "}${body.words[0] ?? body.rule}`;
  }
}

export function showModeResult({
  mode,
  before,
  destinations,
  removed,
  published,
  nodes,
  offline,
}: EpeModeResult): string {
  const slowest = Math.max(0, ...nodes.map(({ ms }) => ms ?? 0));
  const late = nodes.filter(({ ms }) => ms === null).map(({ node }) => node);
  return [
    `egress peer engineering ${MODES[mode]}${before === mode ? " (it was so already)" : ""}`,
    ...(mode === "off" ? [`${removed} overrides taken out`] : [`${destinations} destinations`]),
    ...(nodes.length > late.length
      ? [`${nodes.length - late.length} nodes have it, after ${slowest} ms at most`]
      : []),
    ...(late.length === 0 ? [] : [paint("yellow", `not heard in time from ${late.join(", ")}`)]),
    ...(offline.length === 0
      ? []
      : [
          paint(
            "yellow",
            `offline, they have it when they return: ${offline.join(", ")}${mode === "off" ? "; on the router: vsix-agent epe off" : ""}`,
          ),
        ]),
    ...(published ? [] : [paint("yellow", "publishing still goes on")]),
  ].join("\n");
}

function ago(ms: number | null): string {
  return ms === null ? "not yet" : `${Math.round(ms / 1000)} s ago`;
}
