import type { Report } from "@vsix/shared/contract/up.ts";

type Session = Report["sessions"][number];

/** A report never changes once it has come, and a plane router's names a session for each Edge, each of which is asked for. */
const byNeighbour = new WeakMap<Report, ReadonlyMap<string, readonly Session[]>>();

/** What a node reports of its BGP sessions with a neighbour: one, or none. */
export function sessionsWith(report: Report, neighbour: string): readonly Session[] {
  let sessions = byNeighbour.get(report);
  if (sessions === undefined) {
    sessions = Map.groupBy(report.sessions, (session) => session.neighbour);
    byNeighbour.set(report, sessions);
  }
  return sessions.get(neighbour) ?? [];
}
