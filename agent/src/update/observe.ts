import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Report } from "@vsix/shared/contract/up.ts";
import { formatPrefix } from "@vsix/shared/net/prefix.ts";
import { discoverPref64s } from "../core/health/discovery.ts";
import type { Look } from "../core/update/probation.ts";
import { type AgentFacts, type ReachFacts, reachOf, type TunnelFacts } from "../core/update/reach.ts";
import { askAgent } from "../io/control-socket.ts";
import { runProgram } from "../io/run-program.ts";
import { Echoes } from "../sensors/health/echoes.ts";
import { lookUp } from "../sensors/health/lookup.ts";
import { SERVICE } from "./places.ts";

/** As ip-link(8) calls them. */
const TUNNELS = new Set(["ip6tnl", "ip6gre", "sit", "gre", "wireguard", "tun", "vxlan", "geneve"]);
/** An agent that answers later than this is not one that works. */
const ANSWER_MS = 5_000;
const LOOK_MS = 20_000;
/** Resolvers that are asked. */
const MAX_RESOLVERS = 3;

/** Of a version that nobody knows yet: one that answers something else does not answer. */
const Answer = Type.Object({
  controller: Type.Boolean(),
  report: Type.Pick(Report, ["converged", "sessions", "services"]),
}) satisfies { readonly static: AgentFacts };

interface IpLink {
  readonly ifname: string;
  readonly flags?: readonly string[];
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: { readonly remote?: string; readonly remote6?: string };
  };
}

/** Looks at what this machine reaches. Needs CAP_NET_RAW. Never throws for what the network or the agent does. */
export async function lookAround(agentSocket: string): Promise<Look> {
  const signal = AbortSignal.timeout(LOOK_MS);
  const none = (): readonly [] => [];
  const [agent, defaultRoutes, tunnels, pref64s, life] = await Promise.all([
    askReach(agentSocket),
    defaultRoutesOf(signal).catch(none),
    tunnelsOf(signal).catch(none),
    pref64sOf(signal).catch(none),
    lifeOf(signal).catch(() => ""),
  ]);
  const facts: ReachFacts = { agent, defaultRoutes, tunnels, pref64s };
  return { reached: reachOf(facts), life };
}

/** What the agent says; undefined where nobody answers, or not to the question. Exported for tests. */
export async function askReach(agentSocket: string): Promise<AgentFacts | undefined> {
  try {
    const answer = await askAgent(agentSocket, "reach", ANSWER_MS);
    return Value.Check(Answer, answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

async function ip(words: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
  const said = await runProgram(["ip", "-j", ...words], { signal, debianPackage: "iproute2" });
  return said.trim() === "" ? [] : (JSON.parse(said) as readonly unknown[]);
}

async function defaultRoutesOf(signal: AbortSignal): Promise<ReachFacts["defaultRoutes"]> {
  const has = async (family: "-4" | "-6"): Promise<boolean> =>
    (await ip([family, "route", "show", "default"], signal)).length > 0;
  const [four, six] = await Promise.all([has("-4"), has("-6")]);
  return [...(four ? (["IPv4"] as const) : []), ...(six ? (["IPv6"] as const) : [])];
}

async function tunnelsOf(signal: AbortSignal): Promise<readonly TunnelFacts[]> {
  const links = (await ip(["-d", "link", "show"], signal)) as readonly IpLink[];
  const up = links.filter(
    ({ flags, linkinfo }) => TUNNELS.has(linkinfo?.info_kind ?? "") && flags?.includes("UP") === true,
  );
  if (up.length === 0) return [];
  await using echoes = new Echoes();
  return await Promise.all(
    up.map(async ({ ifname: name, linkinfo }): Promise<TunnelFacts> => {
      const { remote6, remote = remote6 } = linkinfo?.info_data ?? {};
      if (remote === undefined || isIP(remote) !== 6 || /^[:0]*$/.test(remote))
        return { name, answers: false };
      const { rttsUs } = await echoes.many(remote, 3, {}, signal);
      return { name, remote, answers: rttsUs.length > 0 };
    }),
  );
}

/** What the resolvers of resolv.conf(5) make of ipv4only.arpa (RFC 7050). */
async function pref64sOf(signal: AbortSignal): Promise<readonly string[]> {
  const text = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .flatMap(([, server = ""]) => (isIP(server) === 0 ? [] : [server]))
    .slice(0, MAX_RESOLVERS);
  const outcomes = await Promise.all(
    servers.map((server) => lookUp(server, { name: "ipv4only.arpa", type: "AAAA", dnssec: false }, signal)),
  );
  const addresses = outcomes.flatMap((outcome) => outcome.addresses);
  return [...new Set(discoverPref64s(addresses).map(formatPrefix))];
}

/** Differs between two starts of the service. */
async function lifeOf(signal: AbortSignal): Promise<string> {
  const said = await runProgram(["systemctl", "show", "--value", "-p", "InvocationID,NRestarts", SERVICE], {
    ...{ signal, debianPackage: "systemd" },
  });
  return said.trim().replaceAll("\n", "/");
}
