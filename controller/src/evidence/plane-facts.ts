import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { Count, Fact } from "../core/release/evidence.ts";
import type { Evidence } from "./evidence.ts";

/** What the planes' routers had before anybody moved: what is missing later is held against the new plane. JSON. */
export interface Before {
  /** Prefixes accepted, by `ROUTER NEIGHBOUR`; of sessions that were established. */
  readonly accepted: Readonly<Record<string, number>>;
  /** Errors of all ports of a router. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Nodes say their sessions and counters again within seconds; what is older than this is no datum. */
const FRESH_MS = 45_000;

/** Routers of these planes, and what is known of them at a time. */
export function beforeOf(
  evidence: Evidence,
  fabric: Fabric,
  planes: readonly string[],
  atMs: number,
): Before {
  const accepted: Record<string, number> = {};
  const errors: Record<string, number> = {};
  for (const { name } of routersOf(fabric, planes)) {
    for (const [neighbour, session] of evidence.sessions(name)?.at(atMs)?.value ?? [])
      if (session.state === "established") accepted[`${name} ${neighbour}`] = session.accepted;
    const sum = errorsOf(evidence, name, atMs);
    if (sum !== null) errors[name] = sum;
  }
  return { accepted, errors };
}

/** Sessions of the new plane's routers that stood before, or that moved Edges need. */
export function sessionFacts(
  evidence: Evidence,
  fabric: Fabric,
  asked: { readonly to: string; readonly moved: readonly string[]; readonly before: Before },
  nowMs: number,
): readonly Fact[] {
  const moved = new Set(asked.moved);
  return routersOf(fabric, [asked.to]).flatMap(({ name }): Fact[] => {
    const history = evidence.sessions(name);
    const fresh = history?.heardAtMs !== undefined && nowMs - history.heardAtMs <= FRESH_MS;
    const now = fresh ? history.at(nowMs)?.value : undefined;
    const neighbours = new Set([
      ...keysOf(asked.before.accepted, name),
      ...fabric.links.flatMap(({ ends }) => {
        const [one, other] = ends.map(({ node }) => node);
        const peer = one === name ? other : other === name ? one : undefined;
        return peer !== undefined && moved.has(peer) ? [peer] : [];
      }),
    ]);
    return [...neighbours].map((neighbour) => {
      const state = now?.get(neighbour)?.state;
      return {
        metric: "bgp-session",
        subject: `${name} with ${neighbour}`,
        ok: now === undefined ? null : state === "established",
        detail: now === undefined ? `${name} has not been heard` : (state ?? "no such session"),
      };
    });
  });
}

/**
 * Prefixes that the new plane's routers accept from outside it, against what they accepted before and what the old plane's
 * routers saw come and go meanwhile: the Internet's churn reaches both. Inside a plane the number follows best paths.
 */
export function prefixCounts(
  evidence: Evidence,
  fabric: Fabric,
  asked: { readonly from: string; readonly to: string; readonly before: Before },
  nowMs: number,
): readonly Count[] {
  const inside = new Set(routersOf(fabric, [asked.from, asked.to]).map(({ name }) => name));
  const acceptedNow = (router: string, neighbour: string): number | undefined => {
    const session = evidence.sessions(router)?.at(nowMs)?.value.get(neighbour);
    return session?.state === "established" ? session.accepted : undefined;
  };
  return routersOf(fabric, [asked.to]).flatMap((router) =>
    keysOf(asked.before.accepted, router.name)
      .filter((neighbour) => !inside.has(neighbour))
      .map((neighbour): Count => {
        const before = asked.before.accepted[`${router.name} ${neighbour}`] ?? 0;
        const twin = routersOf(fabric, [asked.from]).find(
          ({ name, site }) => site === router.site && `${name} ${neighbour}` in asked.before.accepted,
        );
        const twinBefore = twin && asked.before.accepted[`${twin.name} ${neighbour}`];
        const twinNow = twin && acceptedNow(twin.name, neighbour);
        const churn = twinBefore === undefined || twinNow === undefined ? 0 : twinNow - twinBefore;
        return {
          metric: "prefixes",
          subject: `${router.name} from ${neighbour}`,
          now: acceptedNow(router.name, neighbour) ?? null,
          before: before + churn,
        };
      }),
  );
}

export function errorCounts(
  evidence: Evidence,
  fabric: Fabric,
  asked: { readonly to: string; readonly before: Before },
  nowMs: number,
): readonly Count[] {
  return routersOf(fabric, [asked.to]).flatMap(({ name }): Count[] => {
    const before = asked.before.errors[name];
    if (before === undefined) return [];
    return [{ metric: "interface-errors", subject: name, now: errorsOf(evidence, name, nowMs), before }];
  });
}

/** Where External Edges see the moved Edges, both ways. */
export function planeFacts(
  evidence: Evidence,
  fabric: Fabric,
  asked: { readonly to: string; readonly moved: readonly string[] },
  nowMs: number,
): readonly Fact[] {
  const observers = fabric.nodes.filter((n) => n.role === "external-edge" && n.software === "vsix");
  return asked.moved.flatMap((edge) =>
    observers.map(({ name }): Fact => {
      const history = evidence.planes(name, edge);
      const fresh = history?.heardAtMs !== undefined && nowMs - history.heardAtMs <= FRESH_MS / 3;
      const seen = fresh ? history.at(nowMs)?.value : undefined;
      const subject = `${edge} at ${name}`;
      if (seen === undefined)
        return { metric: "path", subject, ok: null, detail: `${name} has told nothing of it lately` };
      const { inbound, outbound } = seen;
      const detail = `inbound by ${inbound ?? "nothing"}, outbound by ${outbound ?? "nothing"}`;
      return { metric: "path", subject, ok: inbound === asked.to && outbound === asked.to, detail };
    }),
  );
}

export function routersOf(fabric: Fabric, planes: readonly string[]): Fabric["nodes"] {
  return fabric.nodes.filter(({ plane }) => plane !== undefined && planes.includes(plane));
}

function keysOf(record: Readonly<Record<string, number>>, router: string): readonly string[] {
  const start = `${router} `;
  return Object.keys(record).flatMap((key) => (key.startsWith(start) ? [key.slice(start.length)] : []));
}

/** Errors, not drops: a full queue or a filter drops on purpose. */
function errorsOf(evidence: Evidence, router: string, atMs: number): number | null {
  const ports = evidence.errors(router)?.at(atMs)?.value;
  if (ports === undefined) return null;
  return [...ports.values()].reduce((sum, { rxErrors, txErrors }) => sum + rxErrors + txErrors, 0);
}
