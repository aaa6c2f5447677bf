import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AdvertisementFacts } from "@vsix/agent/core/health/model.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import { embedText, WELL_KNOWN_PREFIX } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { agentMain } from "../../programs/bundles.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { inNamespace, mustRun, run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { ask, fetchWho } from "../services/client.ts";
import { CLIENT_NODE, clientEdge } from "../services/outside.ts";
import { GLOBAL4, NAMES, WEB4 } from "../services/zones.ts";
import { checkPlansEmpty } from "./plans.ts";

/** As the address of IPv4 that the translator's well-known prefix makes it. */
export function translated(address: string): string {
  const prefix = parsePrefix(WELL_KNOWN_PREFIX);
  if (prefix === undefined) throw new LabError("lab/fabric", "no prefix");
  return embedText(prefix, parseAddress4(address) ?? 0);
}

/** To be run by the client. */
export const command = (lab: Lab, ...words: readonly string[]): readonly [string, readonly string[]] => {
  const [file = NODE, ...args] = inNamespace(namespaceName(lab.name, CLIENT_NODE), words);
  return [file, args];
};

/** What the client's kernel has made of what it was told. */
export async function madeOf({ lab, sleep }: ScenarioContext, network: string) {
  const namespace = namespaceName(lab.name, CLIENT_NODE);
  for (let look = 0; look < 80; look++) {
    const shown = await mustRun("ip", ["-n", namespace, "-6", "address", "show", "scope", "global"]);
    const address = /inet6 (\S+)\/64 scope global (?!tentative)/.exec(shown)?.[1];
    const route = await mustRun("ip", ["-n", namespace, "-6", "route", "show", "default"]);
    if (address?.startsWith(network) === true && route.includes("proto ra"))
      return { address, route: route.trim() };
    await sleep(250);
  }
  throw new LabError("lab/scenario", "the client has made no address and no default route");
}

async function look(lab: Lab): Promise<{ readonly code: number; readonly health: Health }> {
  const file = join(lab.stateDir, "health.yaml");
  const words = [
    'targets: { outside: "3fff:250::53" }',
    `translated: { old: "http://${NAMES.globalA}/" }`,
    `pref64: [{ prefix: "${WELL_KNOWN_PREFIX}", at: sfc }]`,
    "ownResolvers: false",
    "",
  ];
  await writeFile(file, words.join("\n"));
  const main = agentMain();
  const [program, args] = command(lab, NODE, main, "health", "--config", file, "--json");
  const { code, stdout, stderr } = await run(program, args);
  if (stdout === "") throw new LabError("lab/command-failed", `health said nothing: ${stderr}`);
  return { code, health: JSON.parse(stdout) as Health };
}

const client: Scenario = {
  name: "lan-client",
  summary:
    "one line `lan` of the fabric: a host gets address, route, MTU, resolver and Pref64 64:ff9b::/96 from the agent, resolves by DNS64, pings and fetches translated; health agrees",
  fabric: "test/lab/fixtures/lan.yaml",
  run: async (context) => {
    const { lab, check } = context;
    const edge = clientEdge(lab.fabric);
    const [lan] = edge.lans ?? [];
    if (lan === undefined) throw new LabError("lab/fabric", "no LAN in this fabric");
    context.step("the client has what it was told");
    const { address, route } = await madeOf(context, lan.prefix.replace(/::\/64$/, ":"));
    const mtu = await mustRun(...command(lab, "cat", "/proc/sys/net/ipv6/conf/eth0/mtu"));
    check(mtu.trim() === String(lan.mtu), `the MTU is ${mtu.trim()}, not ${lan.mtu}`);
    const script = join(import.meta.dirname, "../services/hear-router.ts");
    const heard = JSON.parse(await mustRun(...command(lab, NODE, script, "eth0"))) as AdvertisementFacts;
    const { said } = heard;
    check(said?.resolvers.join() === lan.resolvers.join(), `told resolvers ${said?.resolvers.join()}`);
    check(said?.pref64.join() === WELL_KNOWN_PREFIX, `told Pref64 ${said?.pref64.join()}`);

    context.step("DNS64 and NAT64 by the well-known prefix");
    const [server = ""] = said?.resolvers ?? [];
    const host = translated(GLOBAL4);
    const [asked, arpa] = await ask(lab, server, [`AAAA/${NAMES.globalA}`, "AAAA/ipv4only.arpa"]);
    check(asked?.answers.join() === host, `${NAMES.globalA} is ${asked?.answers.join()}, not ${host}`);
    const arpaWanted = ["192.0.0.170", "192.0.0.171"].map(translated).join();
    check(arpa?.answers.join() === arpaWanted, `ipv4only.arpa is ${arpa?.answers.join()}, not ${arpaWanted}`);
    const ping = await run(...command(lab, "ping", "-6", "-n", "-c", "5", "-i", "0.2", "-W", "2", host));
    check(
      / 5 received/.test(ping.stdout),
      `translated echoes: ${ping.stdout.split("\n").at(-3) ?? ping.stderr}`,
    );
    const seen = await fetchWho(lab, CLIENT_NODE, `[${host}]`);
    check(seen.startsWith("192.175.48."), `the web server saw ${seen}, which is not of the pool`);
    const forbidden = translated(WEB4);
    const refused = await fetchWho(lab, CLIENT_NODE, `[${forbidden}]`, 3_000).catch(() => "nothing");
    check(
      refused === "nothing",
      `${forbidden} was translated, and seen as ${refused} (RFC 6052 section 3.1)`,
    );

    context.step("health at the client");
    const { code, health } = await look(lab);
    const verdicts = health.verdicts.map(({ text }) => text);
    check(code === 0 && verdicts.length === 0, `health: exit ${code}, ${verdicts.join(" | ")}`);
    const good = health.checks.filter(({ state }) => state === "good").length;
    const told = health.checks.filter(({ layer }) => layer === "translation");
    check(told.length > 0 && told.every(({ state }) => state === "good"), `health: ${JSON.stringify(told)}`);

    context.step("the prefix of the LAN is another one from now on");
    const file = join(lab.stateDir, "moved.yaml");
    const text = await readFile(lab.file, "utf8");
    await writeFile(file, text.replace("2001:db8:1:100::/64", "2001:db8:1:200::/64"));
    await context.ctl("apply", file);
    await context.converge();
    const moved = await movedTo(context, "2001:db8:1:200:", "2001:db8:1:100:");
    check(moved, "the old address is not deprecated, or there is no new one");
    const again = await fetchWho(lab, CLIENT_NODE, `[${host}]`);
    check(again.startsWith("192.175.48."), `with the new address the web server saw ${again}`);
    await checkPlansEmpty(context, [edge.name, "nat64-sfc", "dns-sfc"]);
    return {
      flows: [],
      other: {
        address,
        route,
        mtu: mtu.trim(),
        told: said,
        seen,
        "checks good": `${good} of ${health.checks.length}`,
      },
    };
  },
};

/** Whether hosts choose the one and have the other only for what goes on. */
async function movedTo({ lab, sleep }: ScenarioContext, fresh: string, old: string): Promise<boolean> {
  const namespace = namespaceName(lab.name, CLIENT_NODE);
  for (let look = 0; look < 80; look++) {
    const shown = await mustRun("ip", ["-n", namespace, "-6", "-o", "address", "show", "scope", "global"]);
    const lines = shown.split("\n");
    const isOf = (start: string, deprecated: boolean): boolean =>
      lines.some(
        (line) =>
          line.includes(` ${start}`) &&
          line.includes("deprecated") === deprecated &&
          !line.includes("tentative"),
      );
    if (isOf(fresh, false) && isOf(old, true) && !isOf(old, false)) return true;
    await sleep(250);
  }
  return false;
}

export const LAN_SCENARIOS: readonly Scenario[] = [client];
