import type { Report } from "@vsix/shared/contract/up.ts";

/** What is looked at to know what a router reaches. */
export interface ReachFacts {
  /** What the agent answers; undefined: nobody does. */
  readonly agent: AgentFacts | undefined;
  /** The kernel has a default route. */
  readonly defaultRoutes: readonly ("IPv4" | "IPv6")[];
  /** Devices of tunnels that are up. */
  readonly tunnels: readonly TunnelFacts[];
  /** Prefixes that the resolvers of this machine translate by (RFC 7050). */
  readonly pref64s: readonly string[];
}

export interface AgentFacts {
  /** Whether it speaks to the controller. */
  readonly controller: boolean;
  readonly report: Pick<Report, "converged" | "sessions" | "services">;
}

export interface TunnelFacts {
  readonly name: string;
  /** Its far end, if it is one address; and whether that answers echoes. */
  readonly remote?: string;
  readonly answers: boolean;
}

/** The agent itself, in what is reached. */
export const AGENT = "agent";

/** All that is reached, in words that stay the same as long as it does. Sorted. Pure. */
export function reachOf({ agent, defaultRoutes, tunnels, pref64s }: ReachFacts): readonly string[] {
  const found = [
    ...defaultRoutes.map((family) => `${family} default route`),
    ...tunnels.map(({ name }) => `tunnel ${name}`),
    ...tunnels.flatMap(({ name, remote, answers }) =>
      answers && remote !== undefined ? [`far end ${remote} of tunnel ${name}`] : [],
    ),
    ...pref64s.map((prefix) => `DNS64 ${prefix}`),
  ];
  if (agent !== undefined) {
    const { controller, report } = agent;
    found.push(AGENT);
    if (controller) found.push("controller");
    if (report.converged) found.push("everything as the controller wants it");
    for (const { neighbour, state, accepted, bfd } of report.sessions) {
      if (state !== "established") continue;
      found.push(`BGP session with ${neighbour}`);
      if (accepted > 0) found.push(`routes of ${neighbour}`);
      if (bfd === "up") found.push(`BFD with ${neighbour}`);
    }
    for (const { name, working } of report.services ?? []) if (working) found.push(`service ${name}`);
  }
  return [...new Set(found)].sort();
}

/** What was reached at all looks: what comes and goes is nobody's fault. */
export function alwaysReached(looks: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = looks;
  return first.filter((one) => others.every((look) => look.includes(one)));
}

/** What was reached before and is not now. */
export function lostOf(before: readonly string[], now: readonly string[]): readonly string[] {
  const have = new Set(now);
  return before.filter((one) => !have.has(one));
}
