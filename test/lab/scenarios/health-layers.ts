import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { healCable, silenceCable } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { namespaceName } from "../names.ts";
import { mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { createHome, type Home } from "../services/home.ts";

interface Fault {
  readonly what: string;
  /** The one verdict that is right, and words of it. */
  readonly code: string;
  readonly says: RegExp;
  readonly exit: 4 | 5;
  readonly begin: (context: ScenarioContext, home: Home) => Promise<void>;
  readonly end: (context: ScenarioContext, home: Home) => Promise<void>;
}

/** Whoever drops these packets says nothing of it; a table of the lab's own, beside the agent's. */
async function drop({ name }: Lab, node: string, hook: string, match: string): Promise<void> {
  const chain = `type filter hook ${hook} priority -350;`;
  const rules = `table ip6 labhealth { chain c { ${chain} ${match} drop; }; }`;
  await mustRun("ip", ["netns", "exec", namespaceName(name, node), "nft", rules]);
}

async function dropNothing({ name }: Lab, node: string): Promise<void> {
  await mustRun("ip", ["netns", "exec", namespaceName(name, node), "nft", "delete table ip6 labhealth"]);
}

const GREEN = { node: "edge-1", interface: "to-green-sfc" };

const SHORT: readonly Fault[] = [
  {
    what: "the gateway is gone",
    code: "gateway-silent",
    says: /^the gateway fe80::\S+ on eth0 is not there/,
    exit: 4,
    begin: ({ lab }) => drop(lab, "edge-1", "prerouting", 'iifname "lan"'),
    end: ({ lab }) => dropNothing(lab, "edge-1"),
  },
  {
    what: "the resolver does not answer",
    code: "resolver-silent",
    says: /^resolver 2001:db8:53::53 does not answer: no answer in 2 s, though it answers echoes$/,
    exit: 4,
    begin: ({ lab }) =>
      drop(lab, "dns-sfc", "prerouting", 'iifname != "lo" meta l4proto { tcp, udp } th dport 53'),
    end: ({ lab }) => dropNothing(lab, "dns-sfc"),
  },
  {
    what: "the translator is dead",
    code: "translator-silent",
    says: /^DNS64 answers, but translated fetches fail: NAT64 at note/,
    exit: 4,
    begin: (_context, { translator }) => translator.stop(),
    end: (_context, { translator }) => translator.start(),
  },
  {
    what: "one plane is down",
    code: "plane-silent",
    says: /^plane green does not answer \(green-sfc\); blue does$/,
    exit: 4,
    begin: ({ lab }) => silenceCable(lab, GREEN),
    end: async ({ lab, converge }) => {
      await healCable(lab, GREEN);
      await converge();
    },
  },
  {
    what: "the web server is down",
    code: "web-fails",
    says: /^the page page fails: connection refused/,
    exit: 4,
    begin: (_context, { page }) => page.stop(),
    end: (_context, { page }) => page.start(),
  },
];

const LONG: readonly Fault[] = [
  {
    what: "packets larger than 1,400 octets vanish",
    code: "size-black-hole",
    says: /^packets of 1460 octets vanish without a Packet Too Big, 1280 pass, lost behind \S+ on the way to outside, old \(translated\)$/,
    exit: 4,
    begin: ({ lab }) => drop(lab, "wide", "prerouting", 'iifname "to-xe-sfc" meta length > 1400'),
    end: ({ lab }) => dropNothing(lab, "wide"),
  },
  {
    what: "the resolver does no DNS64",
    code: "dns64-off",
    says: /^resolver 2001:db8:53::53 answers, but does no DNS64: ipv4only.arpa AAAA/,
    exit: 4,
    begin: async (context) => {
      await withoutDns64(context);
    },
    end: async (context) => {
      await context.ctl("apply", context.lab.file);
      await context.converge();
      await context.sleep(3000);
    },
  },
  {
    what: "the translator stands behind a link that carries less, and says so",
    code: "",
    says: /^$/,
    exit: 4,
    begin: async ({ lab }) => {
      await mtu(lab, 1400);
    },
    end: async ({ lab }) => {
      await mtu(lab, 1500);
    },
  },
];

async function mtu({ name }: Lab, octets: number): Promise<void> {
  await mustRun("ip", ["-n", namespaceName(name, "wide"), "link", "set", "to-xlat", "mtu", String(octets)]);
}

async function withoutDns64(context: ScenarioContext): Promise<void> {
  const file = join(context.lab.stateDir, "no-dns64.yaml");
  const text = await readFile(context.lab.file, "utf8");
  await writeFile(file, text.replace(/^ {4}dns64: .*\n/m, ""));
  await context.ctl("apply", file);
  await context.converge();
  await context.sleep(3000);
}

/** One run at the client: exactly the verdict that is right, or none where all is well. */
async function lookOnce(context: ScenarioContext, home: Home, fault: Fault | undefined): Promise<Health> {
  const { code, health } = await home.look();
  const what = fault?.what ?? "all is well";
  const wanted = fault === undefined || fault.code === "" ? [] : [fault.code];
  const found = health.verdicts.map((verdict) => verdict.code);
  context.check(
    found.join() === wanted.join(),
    `${what}: verdicts ${JSON.stringify(health.verdicts.map(({ text }) => text))}`,
  );
  const [first] = health.verdicts;
  if (wanted.length > 0)
    context.check(first !== undefined && (fault?.says.test(first.text) ?? false), `${what}: ${first?.text}`);
  const exit = wanted.length === 0 ? 0 : (fault?.exit ?? 0);
  context.check(code === exit, `${what}: exit status ${code}, not ${exit}`);
  return health;
}

async function lookAt(context: ScenarioContext, faults: readonly Fault[]) {
  const { lab } = context;
  await using home = await createHome(lab);
  const told: Record<string, string> = {};
  context.step("all is well");
  const well = await lookOnce(context, home, undefined);
  told["all is well"] =
    `${well.checks.filter(({ state }) => state === "good").length} of ${well.checks.length} checks good`;
  const untold = well.layers.filter(({ state }) => state !== "good").map(({ layer }) => layer);
  context.check(untold.length === 0, `all is well: ${untold.join(", ")} not known to be good`);
  for (const fault of faults) {
    context.step(fault.what);
    await fault.begin(context, home);
    try {
      const { verdicts } = await lookOnce(context, home, fault);
      told[fault.what] = verdicts.map(({ text }) => text).join(" | ");
    } finally {
      await fault.end(context, home);
    }
  }
  context.step("all is well again");
  await lookOnce(context, home, undefined);
  return {
    flows: [],
    other: { faults: faults.length, named: faults.length - context.failures.length, told },
  };
}

/** The same from the Edge, on its schedule: the controller shows it good, bad, and good again. */
async function scheduled(context: ScenarioContext): Promise<Readonly<Record<string, unknown>>> {
  const seen: Record<string, unknown> = {};
  const wait = async (state: string): Promise<void> => {
    const begun = performance.now();
    for (;;) {
      const view = await context.ask<{
        readonly state: string;
        readonly stale: boolean;
        readonly verdicts: readonly { readonly text: string }[];
      }>("/v1/nodes/edge-1/health");
      if (view.state === state && !view.stale) {
        seen[state === "good" && seen["bad"] !== undefined ? "good again" : state] = {
          afterMs: Math.round(performance.now() - begun),
          verdicts: view.verdicts.map(({ text }) => text),
        };
        return;
      }
      if (performance.now() - begun > 60_000) {
        context.check(
          false,
          `the controller shows edge-1 ${view.state}, not ${state}: ${JSON.stringify(view.verdicts)}`,
        );
        return;
      }
      await context.sleep(500);
    }
  };
  await using home = await createHome(context.lab);
  context.step("edge-1 looks on its schedule");
  await wait("good");
  await home.translator.stop();
  await wait("bad");
  await home.translator.start();
  await wait("good");
  seen["history"] = ((await context.ctlJson("health", "edge-1", "--history")) as readonly object[]).length;
  return seen;
}

const layers: Scenario = {
  name: "health-layers",
  summary:
    "a home behind an Edge: gateway, resolver, translator, plane and web server fail one at a time, and each verdict names just that",
  fabric: "test/lab/fixtures/home.yaml",
  run: (context) => lookAt(context, SHORT),
};

const all: Scenario = {
  name: "health-layers-all",
  summary:
    "the same, and large packets that vanish, DNS64 switched off, a narrow link that tells; then on the Edge's schedule, as the controller shows it",
  fabric: "test/lab/fixtures/home.yaml",
  long: true,
  run: async (context) => {
    const figures = await lookAt(context, [...SHORT, ...LONG]);
    return figures;
  },
};

const schedule: Scenario = {
  name: "health-scheduled",
  summary:
    "an Edge looks every ten seconds: the controller shows it good, bad when the translator dies, and good again",
  fabric: "test/lab/fixtures/home.yaml",
  long: true,
  run: async (context) => ({ flows: [], other: await scheduled(context) }),
};

export const HEALTH_SCENARIOS: readonly Scenario[] = [layers, all, schedule];
