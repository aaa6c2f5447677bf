import type { HealthLimits } from "@vsix/shared/contract/part-health.ts";
import type { HealthState } from "@vsix/shared/contract/up-health.ts";
import { rcodeName } from "../../wire/dns-client.ts";
import type {
  Check,
  EchoOutcome,
  FetchOutcome,
  LocalFacts,
  MtuOutcome,
  Outcome,
  QueryOutcome,
  Result,
  TraceOutcome,
} from "./model.ts";

/** Every IPv6 link carries so much, RFC 8200 section 5. */
const IP6_MINIMUM = 1280;
/** RFC 9110 section 15: what a server says when it is its own fault. */
const SERVER_ERROR = 500;

type Judged = Pick<Result, "state" | "text" | "us" | "lossPercent">;

/** What one check found, in a word and in words. */
export function judge(check: Check, outcome: Outcome, limits: HealthLimits): Result {
  return { check, tried: true, outcome, ...judgeOutcome(check, outcome, limits) };
}

function judgeOutcome(check: Check, outcome: Outcome, limits: HealthLimits): Judged {
  switch (outcome.kind) {
    case "echo":
      return judgeEcho(check, outcome, limits);
    case "query":
      return judgeQuery(check, outcome, limits);
    case "fetch":
      return judgeFetch(outcome, limits);
    case "trace":
      return judgeTrace(outcome);
    case "mtu":
      return judgeMtu(outcome);
  }
}

/** What the machine says of itself. */
export function judgeFacts(check: Check, facts: LocalFacts): Result {
  const about = check.task.kind === "facts" ? check.task.about : "link";
  return { check, tried: true, ...JUDGES[about](facts) };
}

/** What is not tried, and why: the first that it would have needed. */
export function notTried(check: Check, because: string): Result {
  return { check, tried: false, state: "unknown", text: `not tried, because ${because}` };
}

const JUDGES = {
  link: judgeLink,
  address: judgeAddresses,
  advertisement: judgeAdvertisement,
  route: judgeRoute,
} as const;

function judgeLink({ port, wanted }: LocalFacts): Judged {
  if (port === undefined)
    return { state: "bad", text: `there is no network device${wanted === undefined ? "" : ` ${wanted}`}` };
  if (!port.up) return { state: "bad", text: "switched off on this machine" };
  if (!port.carrier) return { state: "bad", text: "no carrier: nothing at the other end" };
  const { speedMbps, wifi, mtu } = port;
  const said = [
    ...(wifi === undefined
      ? []
      : [wifi.signalDbm === undefined ? "Wi-Fi" : `Wi-Fi, signal ${wifi.signalDbm} dBm`]),
    ...(speedMbps === undefined ? [] : [`${speedMbps} Mbit/s`]),
    `MTU ${mtu}`,
  ];
  if (mtu < IP6_MINIMUM) return { state: "bad", text: `MTU ${mtu}: IPv6 needs ${IP6_MINIMUM}` };
  return { state: "good", text: `carrier, ${said.join(", ")}` };
}

function judgeAddresses({ addresses }: LocalFacts): Judged {
  const duplicate = addresses.find((one) => one.duplicate);
  if (duplicate !== undefined)
    return { state: "bad", text: `somebody else on the link has ${duplicate.address} (duplicate)` };
  const global = addresses.filter(({ scope, tentative }) => scope === "global" && !tentative);
  if (global.length === 0) {
    const waiting = addresses.some(({ scope, tentative }) => scope === "global" && tentative);
    const none = waiting ? "still being checked for duplicates" : "no global address";
    return { state: "bad", text: none };
  }
  const shown = global.slice(0, 3).map(({ address, dynamic, deprecated }) => {
    const how = [...(dynamic ? ["automatic"] : []), ...(deprecated ? ["deprecated"] : [])];
    return how.length === 0 ? address : `${address} (${how.join(", ")})`;
  });
  const more = global.length > shown.length ? ` and ${global.length - shown.length} more` : "";
  const usable = global.some(({ deprecated }) => !deprecated);
  return { state: usable ? "good" : "poor", text: `${shown.join(", ")}${more}` };
}

function judgeRoute({ route, ipv4 }: LocalFacts): Judged {
  const four =
    ipv4.addresses.length === 0 ? "no IPv4" : `IPv4 ${ipv4.addresses.slice(0, 2).join(", ")} as well`;
  if (route === undefined) return { state: "bad", text: `no route to the outside by IPv6; ${four}` };
  const by = route.by === "advertisement" ? ", by router advertisement" : "";
  const way = route.gateway === undefined ? "on the link" : `via ${route.gateway}`;
  return { state: "good", text: `${way} on ${route.interface}${by}; ${four}` };
}

function judgeEcho({ role }: Check, outcome: EchoOutcome, limits: HealthLimits): Judged {
  const { sent, rttsUs, refused, errors, there } = outcome;
  if (refused !== undefined) return { state: "bad", text: `cannot send: ${refused}` };
  const lossPercent = sent === 0 ? 100 : Math.round((1000 * (sent - rttsUs.length)) / sent) / 10;
  if (rttsUs.length === 0) {
    const [error] = errors;
    const why = error === undefined ? "" : `; ${error.from} says: ${error.what}`;
    if (role === "gateway" && there === true)
      return { state: "poor", lossPercent, text: "is there, but answers no echo" };
    if (role === "resolver-echo") return { state: "unknown", lossPercent, text: `answers no echo${why}` };
    const nor = there === false ? ", nor to neighbour solicitations" : "";
    return { state: "bad", lossPercent, text: `no answer to ${sent} echoes${nor}${why}` };
  }
  const us = median(rttsUs);
  const lossy = lossPercent > limits.lossPercent;
  const slow = us > limits.rttMs * 1000;
  const loss = lossPercent === 0 ? "nothing lost" : `${lossPercent}% lost`;
  return { state: lossy || slow ? "poor" : "good", us, lossPercent, text: `${showUs(us)}, ${loss}` };
}

function judgeQuery(check: Check, outcome: QueryOutcome, limits: HealthLimits): Judged {
  const { name, type } = check.task.kind === "query" ? check.task : { name: "", type: "" };
  const { fault, us, rcode, addresses, authentic } = outcome;
  if (fault !== undefined) return { state: "bad", text: `${name} ${type}: ${fault}` };
  const answer =
    rcode !== 0
      ? rcodeName(rcode)
      : addresses.length === 0
        ? "no such address"
        : addresses.slice(0, 2).join(", ") + (addresses.length > 2 ? ", ..." : "");
  const text = `${name} ${type}: ${answer}, ${showUs(us)}${outcome.tcp ? " by TCP" : ""}`;
  const slow: HealthState = us > limits.dnsMs * 1000 ? "poor" : "good";
  switch (check.role) {
    case "signed":
      if (rcode !== 0) return { state: "bad", us, text: `${text}, which is signed` };
      return {
        state: authentic ? slow : "unknown",
        us,
        text: authentic ? `${text}, DNSSEC ok` : `${text}, not validated`,
      };
    case "dns64":
    case "translated-lookup":
      return { state: rcode !== 0 && rcode !== 3 ? "bad" : addresses.length === 0 ? "bad" : slow, us, text };
    default:
      // A name without an address of one family is an answer; REFUSED and SERVFAIL are none.
      return { state: rcode === 0 || rcode === 3 ? slow : "bad", us, text };
  }
}

function judgeFetch({ address, status, firstByteUs, fault }: FetchOutcome, limits: HealthLimits): Judged {
  if (fault !== undefined) return { state: "bad", text: `${fault.text} (${address})` };
  if (status === undefined || firstByteUs === undefined)
    return { state: "bad", text: `no answer (${address})` };
  const text = `status ${status} after ${showUs(firstByteUs)} (${address})`;
  if (status >= SERVER_ERROR) return { state: "bad", us: firstByteUs, text };
  return { state: firstByteUs > limits.firstByteMs * 1000 ? "poor" : "good", us: firstByteUs, text };
}

function judgeTrace({ reached, hops, fault }: TraceOutcome): Judged {
  if (fault !== undefined) return { state: "unknown", text: fault };
  const last = hops.at(-1);
  if (last === undefined) return { state: "unknown", text: "no hop answers" };
  if (reached) return { state: "good", us: last.us, text: `${last.hop} hops` };
  return { state: "unknown", text: `the last answer is of hop ${last.hop}, ${last.address}` };
}

function judgeMtu({ sizes, lostBehind }: MtuOutcome): Judged {
  const lost = sizes.filter(({ how }) => how === "lost");
  const shown = sizes.map(({ size, how, from, mtu }) => {
    if (how === "told") return `${size} too big, ${from} says ${mtu}`;
    if (how === "not-sent") return `${size} not sent: more than the interface takes`;
    return how === "passes" ? `${size} passes` : `${size} vanishes`;
  });
  const behind = lost.length > 0 && lostBehind !== undefined ? `, behind ${lostBehind}` : "";
  return { state: lost.length > 0 ? "bad" : "good", text: shown.join("; ") + behind };
}

function judgeAdvertisement({ advertisement = {} }: LocalFacts): Judged {
  const { from, said, fault } = advertisement;
  if (fault !== undefined) return { state: "unknown", text: fault };
  if (said === undefined || from === undefined)
    return { state: "unknown", text: "no router answers a solicitation" };
  const { lifetimeS, mtu, prefixes, resolvers, pref64 } = said;
  const parts = [
    lifetimeS === 0 ? "no default router" : `default router for ${lifetimeS} s`,
    ...prefixes.slice(0, 4).map(({ prefix, autonomous }) => (autonomous ? `addresses in ${prefix}` : prefix)),
    ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
    ...(resolvers.length === 0 ? [] : [`resolvers ${resolvers.slice(0, 3).join(", ")}`]),
    ...(pref64.length === 0 ? [] : [`PREF64 ${pref64.slice(0, 3).join(", ")}`]),
  ];
  return { state: "good", text: `${from}: ${parts.join("; ")}` };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** "1.23 ms", for people. */
export function showUs(us: number): string {
  return us < 10_000 ? `${(us / 1000).toFixed(2)} ms` : `${Math.round(us / 1000)} ms`;
}
