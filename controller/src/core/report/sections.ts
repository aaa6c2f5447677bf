import type { EventReport, ReportAccess, ReportDns, ReportHealth, ReportName } from "./model.ts";
import { number, percent, timeText } from "./plots.ts";

/** The report as sections of words and tables: HTML and Markdown say the same. */

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Section {
  readonly title: string;
  readonly words: readonly string[];
  readonly tables: readonly Table[];
}

export const NO_ACCESS = "No access service in this network.";
const NOT_TOLD = "not measured by any node";

export function titleOf({ event }: EventReport): string {
  return event === null ? "Network report" : `Network report: ${event}`;
}

export function spanText({ fromMs, untilMs }: EventReport): string {
  return `${timeText(fromMs)} to ${timeText(untilMs)}`;
}

/** In the order of the report. */
export function sectionsOf(report: EventReport): readonly Section[] {
  const { network } = report;
  return [
    {
      title: "Network",
      words: [
        `${network.nodes} nodes, ${network.edges} Edges, planes ${network.planes.join(" and ") || "none"}; revision ${network.revision ?? "none"} of the fabric was in force when this was made, ${timeText(report.madeMs)}.`,
      ],
      tables: [],
    },
    ...accessSections(report.access),
    ...dnsSections(report.dns),
    healthSection(report.health),
    incidentSection(report),
    rolloutSection(report),
    epeSection(report),
    {
      title: "Changes by operators and by the controller",
      words: report.changes.length === 0 ? ["The audit log has no record of this time."] : [],
      tables: [
        { head: ["What", "Records"], rows: report.changes.map(({ what, count }) => [what, number(count)]) },
      ],
    },
  ];
}

function accessSections(access: ReportAccess | null): readonly Section[] {
  const titles = ["Users", "Applications by service", "Prefixes", "Tunnels and VPN"] as const;
  if (access === null) return titles.map((title) => ({ title, words: [NO_ACCESS], tables: [] }));
  const { accounts, applications, prefixes, peakTunnels, peakPeers } = access;
  return [
    {
      title: titles[0],
      words: [
        `${number(accounts.fresh)} new accounts, ${number(accounts.removed)} removed; ${number(accounts.all)} at the end.`,
      ],
      tables: [],
    },
    {
      title: titles[1],
      words: applications.length === 0 ? ["There was none."] : [],
      tables: [
        {
          head: ["Service", "Made", "Refused", "Revoked", "Living at the end"],
          rows: applications.map(({ service, made, refused, revoked, living }) => [
            service,
            ...[made, refused, revoked, living].map(number),
          ]),
        },
      ],
    },
    {
      title: titles[2],
      words:
        prefixes.length === 0
          ? ["None was in use."]
          : ["Issued and revoked in this time, active at its end; in parentheses how many /64 they are."],
      tables: [
        {
          head: ["Service", "Issued", "Active", "Revoked"],
          rows: prefixes.map(({ service, issued, active, revoked }) => [
            service,
            ...[issued, active, revoked].map(
              ({ count, equivalents64 }) => `${number(count)} (${number(equivalents64)})`,
            ),
          ]),
        },
      ],
    },
    {
      title: titles[3],
      words: [
        `Peak of tunnels: ${peakTunnels === null ? NOT_TOLD : number(peakTunnels)}. Peak of VPN peers: ${peakPeers === null ? NOT_TOLD : number(peakPeers)}.`,
      ],
      tables: [],
    },
  ];
}

function dnsSections(dns: ReportDns | null): readonly Section[] {
  if (dns === null) return [{ title: "DNS", words: ["No node captured DNS in this time."], tables: [] }];
  const { outcomes, capture } = dns;
  const asked = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return [
    {
      title: "DNS: what users asked",
      words: [
        `${number(dns.questions)} questions of users: ${number(dns.a)} for A, ${number(dns.aaaa)} for AAAA, ${number(dns.https)} for HTTPS, ${number(dns.other)} for something else. Resolvers asked authoritative servers ${number(dns.byResolvers)} times, which is in no other figure.`,
      ],
      tables: [
        {
          head: ["AAAA", "Questions", "Share"],
          rows: Object.entries(outcomes).map(([name, count]) => [
            name,
            number(count),
            percent(asked === 0 ? null : count / asked),
          ]),
        },
      ],
    },
    {
      title: "DNS: who still needs IPv4",
      words: [
        dns.translatedShare === null
          ? "No question for AAAA got an address."
          : `Of the answers with an IPv6 address ${percent(dns.translatedShare)} held a translated one: the service has IPv4 only.`,
      ],
      tables: [
        names("Most asked names without AAAA of their own", dns.withoutAaaa),
        names("Most asked names ready for IPv6", dns.ready),
      ],
    },
    {
      title: "DNS: how well it was captured",
      words: [
        capture.packets === null
          ? "No agent told what its kernel dropped."
          : `${number(capture.packets)} packets were captured and ${number(capture.dropped ?? 0)} dropped by kernels before: ${percent(capture.dropRate)}.`,
        `${number(capture.lostPairs)} pairs were captured and lost before they came to the controller.`,
        ...(capture.gaps.length === 0
          ? []
          : ["An agent that does not run captures nothing: what passed in the gaps below nobody can count."]),
      ],
      tables: [
        {
          head: ["Capture point", "Pairs seen"],
          rows: dns.points.map(({ point, pairs }) => [point, number(pairs)]),
        },
        ...(capture.gaps.length === 0
          ? []
          : [
              {
                head: ["Node", "Captured nothing from", "To"],
                rows: capture.gaps.map(({ node, fromMs, toMs }) => [node, instant(fromMs), instant(toMs)]),
              },
            ]),
      ],
    },
  ];
}

const instant = (ms: number): string => new Date(ms).toISOString();

function names(title: string, rows: readonly ReportName[]): Table {
  return {
    head: [title, "A", "AAAA", "Native", "Translated", "No AAAA"],
    rows: rows.map(({ name, a, aaaa, native, translated, nodata }) => [
      name,
      ...[a, aaaa, native, translated, nodata].map(number),
    ]),
  };
}

function healthSection(health: ReportHealth | null): Section {
  const title = "Health, as nodes felt it";
  if (health === null) return { title, words: ["No node looked in this time."], tables: [] };
  const { runs, worst } = health;
  const share = (count: number, looked: number): string =>
    `${number(count)} (${percent(looked === 0 ? null : count / looked)})`;
  return {
    title,
    words: [
      `Nodes looked ${number(runs)} times${worst.length === 0 ? "; every layer was good at every site." : ". Layers that were not always good, the worst first."}`,
    ],
    tables: [
      {
        head: ["Site", "Layer", "Looked", "Bad", "Poor"],
        rows: worst.map(({ site, layer, looked, bad, poor }) => [
          site === "" ? "no site" : site,
          layer,
          number(looked),
          share(bad, looked),
          share(poor, looked),
        ]),
      },
    ],
  };
}

function incidentSection({ incidents }: EventReport): Section {
  const counts = Object.entries(incidents.counts);
  return {
    title: "Incidents on watched paths",
    words:
      counts.length === 0
        ? ["None was recorded."]
        : [`${counts.map(([type, count]) => `${type} ${number(count)}`).join(", ")}.`],
    tables: [
      {
        head: ["At", "Level", "What"],
        rows: incidents.newest.map(({ at, level, what }) => [at, level, what]),
      },
    ],
  };
}

function rolloutSection({ rollouts }: EventReport): Section {
  return {
    title: "Rollouts between planes",
    words: rollouts.length === 0 ? ["None ran."] : [],
    tables: [
      {
        head: ["Rollout", "From", "To", "Edges", "Stage", "Begun", "Ended", "Why"],
        rows: rollouts.map(({ id, from, to, edges, stage, createdAt, endedAt, why }) => [
          String(id),
          from,
          to,
          number(edges),
          stage,
          createdAt,
          endedAt ?? "runs",
          why ?? "",
        ]),
      },
    ],
  };
}

function epeSection({ epe }: EventReport): Section {
  const title = "Egress peer engineering";
  if (epe === null) return { title, words: ["It did nothing in this time."], tables: [] };
  return {
    title,
    words: [
      `${number(epe.moves)} moves, ${number(epe.takenBack)} taken back, ${number(epe.badPaths)} bad paths found${epe.onlyObserved === 0 ? "" : `; ${number(epe.onlyObserved)} moves were only decided, not made`}.`,
    ],
    tables: [
      { head: ["At", "What", "How"], rows: epe.newest.map(({ at, level, what }) => [at, level, what]) },
    ],
  };
}
