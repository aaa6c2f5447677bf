import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import { embedText } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { LabError } from "../lab-error.ts";
import type { Scenario } from "../scenario.ts";
import { type Asked, ask, askSome } from "../services/client.ts";
import { clientEdge, V4_NODE } from "../services/outside.ts";
import { LARGE_COUNT, NAMES, WEB4 } from "../services/zones.ts";
import { checkPlansEmpty } from "./plans.ts";

interface Expected {
  readonly question: string;
  readonly status: string;
  /** Undefined: not looked at. */
  readonly answers?: readonly string[];
  readonly count?: number;
}

/** Every outcome there is, by a client that has IPv6 only. */
function expectations(synthesised: (address: string) => string, native: string): readonly Expected[] {
  const aaaa = (name: string, ...answers: readonly string[]): Expected => ({
    question: `AAAA/${name}`,
    status: "ok",
    answers: [...answers].sort(),
  });
  const web = synthesised(WEB4);
  return [
    aaaa(NAMES.native, native),
    aaaa(NAMES.onlyA, web),
    { question: `A/${NAMES.onlyA}`, status: "ok", answers: [WEB4] },
    aaaa(NAMES.manyA, web, synthesised("198.51.100.81"), synthesised("198.51.100.82")),
    aaaa(NAMES.chainToA, web),
    aaaa(NAMES.chainToNative, native),
    aaaa(NAMES.broken, web),
    aaaa(NAMES.excluded, web),
    aaaa(NAMES.mapped, web),
    { question: `AAAA/${NAMES.nodata}`, status: "ENODATA" },
    { question: `AAAA/${NAMES.nxdomain}`, status: "ENOTFOUND" },
    { question: `AAAA/${NAMES.servfail}`, status: "ESERVFAIL" },
    { question: `AAAA/${NAMES.large}`, status: "ok", count: LARGE_COUNT },
    aaaa("ipv4only.arpa", synthesised("192.0.0.170"), synthesised("192.0.0.171")),
    { question: "A/ipv4only.arpa", status: "ok", answers: ["192.0.0.170", "192.0.0.171"] },
    { question: "TXT/ipv4only.arpa", status: "ENODATA" },
    { question: "AAAA/below.ipv4only.arpa", status: "ENOTFOUND" },
    { question: "PTR/170.0.0.192.in-addr.arpa", status: "ok", answers: ["ipv4only.arpa"] },
  ];
}

const answers: Scenario = {
  name: "dns64-answers",
  summary:
    "a client behind an Edge gets every kind of answer by DNS64 from every resolver; strangers are refused",
  fabric: "examples/dns64.yaml",
  run: async (context) => {
    const { lab } = context;
    const { services, nodes } = lab.fabric;
    const [anycast = ""] = services?.resolver?.anycast ?? [];
    const prefix = parsePrefix(services?.resolver?.dns64?.prefix ?? "");
    if (prefix === undefined) throw new LabError("lab/fabric", "no DNS64 in this fabric");
    const synthesised = (text: string): string => embedText(prefix, parseAddress4(text) ?? 0);
    const native = nodes.find(({ role }) => role === "upstream")?.loopback.replace(/::1$/, "::80") ?? "";
    const expected = expectations(synthesised, native);
    const resolvers = nodes.filter(({ service }) => service === "resolver");
    let right = 0;
    for (const server of [anycast, ...resolvers.map(({ loopback }) => loopback)]) {
      context.step(`${expected.length} questions to ${server}`);
      const got = await ask(
        lab,
        server,
        expected.map(({ question }) => question),
      );
      for (const [i, one] of expected.entries()) {
        const fault = faultOf(one, got[i]);
        context.check(fault === undefined, `${server}: ${fault}`);
        right += Number(fault === undefined);
      }
    }
    context.step("somebody outside of our network asks");
    const upstream = nodes.find(({ role }) => role === "upstream")?.name ?? "";
    const { rcodes } = await askSome(lab, resolvers[0]?.loopback ?? "", NAMES.wild, 5, upstream);
    context.check(rcodes["REFUSED"] === 5, `a stranger got ${JSON.stringify(rcodes)}: an open resolver`);
    await checkPlansEmpty(
      context,
      resolvers.map(({ name }) => name),
    );
    return {
      flows: [],
      other: {
        servers: 1 + resolvers.length,
        questions: expected.length * (1 + resolvers.length),
        right,
        stranger: rcodes,
        client: `behind ${clientEdge(lab.fabric).name}; IPv4 Internet ${V4_NODE}`,
      },
    };
  },
};

function faultOf(expected: Expected, got: Asked | undefined): string | undefined {
  const { question, status, answers: wanted, count } = expected;
  if (got === undefined) return `${question}: not asked`;
  if (got.status !== status) return `${question}: ${got.status}, not ${status}`;
  if (wanted !== undefined && got.answers.join(" ") !== wanted.join(" "))
    return `${question}: ${got.answers.join(" ")}, not ${wanted.join(" ")}`;
  if (count !== undefined && got.answers.length !== count)
    return `${question}: ${got.answers.length} answers, not ${count}`;
  return undefined;
}

export const DNS64_ANSWER_SCENARIOS: readonly Scenario[] = [answers];
