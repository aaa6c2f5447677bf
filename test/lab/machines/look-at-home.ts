import { join } from "node:path";
import type { HomeView } from "@vsix/agent/core/home-page/facts.ts";
import { judgeHome } from "@vsix/agent/core/home-page/judge.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { inNamespace, run } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { HOST_NODE, routerOf } from "./home.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

/** What a home router's seed brings beside the package, as far as it is to be there at once. */
const UNITS = [
  ...["vsix-page.socket", "vsix-page.service", "vsix-reset.service", "vsix-guard.service"],
  ...["vsix-health.timer", "vsix-enrol.service", "vsix-enrolled.service", "vsix-agent.service"],
];
/** Nobody gives the time in the lab, so the wait for it ends in vain. */
const IN_VAIN = "systemd-time-wait-sync.service";
/** Each command of a translated machine may take as long. */
const PATIENCE_MS = 300_000;
const MOST_TRIES = 20;

/** The status page, as a host of the LAN gets it by the router's link-local address: what it says first, and what that is made of. */
export async function statusPage({ lab, check, sleep }: ScenarioContext): Promise<object> {
  const namespace = namespaceName(lab.name, HOST_NODE);
  const address = await routerOf(namespace);
  if (address === undefined) throw new LabError("lab/image", "no router answers on the home's LAN");
  const script = join(import.meta.dirname, "../services/ask-page.ts");
  let asked = 0;
  // Whoever takes five seconds for an answer is hung up on, and a translated agent may: a person asks again.
  const get = async (path: string): Promise<string> => {
    const [file = NODE, ...args] = inNamespace(namespace, [NODE, script, address, path]);
    for (let tries = 1; ; tries++) {
      asked++;
      const { code, stdout, stderr } = await run(file, args, { timeoutMs: PATIENCE_MS });
      if (code === 0) return stdout;
      if (tries === MOST_TRIES) throw new LabError("lab/image", `status page ${path}: ${stderr || stdout}`);
      await sleep(1_000);
    }
  };
  const startedMs = performance.now();
  const html = await get("/");
  const firstMs = Math.round(performance.now() - startedMs);
  const [, heading] = /<h1>([^<]*)<\/h1>/.exec(html) ?? [];
  check(heading !== undefined, `no heading on the status page: ${html.slice(0, 300)}`);
  const view = JSON.parse(await get("/status.json")) as HomeView;
  return { heading, findings: judgeHome(view, Date.now()), firstMs, asked, view };
}

/** Units of ours: read without a complaint by the image's systemd, none that failed. */
export async function checkUnits({ check }: ScenarioContext, machine: VirtualMachine): Promise<object> {
  const verify =
    "cd /etc/systemd/system; sudo systemd-analyze verify --man=no vsix-*.service vsix-*.socket vsix-*.timer 2>&1";
  const complaints = (await machine.do(verify, PATIENCE_MS)).stdout.trim();
  check(!complaints.includes("vsix"), `systemd-analyze verify: ${complaints}`);
  const show = `systemctl show -p Id,LoadState,ActiveState,Result ${UNITS.join(" ")}`;
  const units = (await machine.do(show, PATIENCE_MS)).stdout
    .trim()
    .split(/\n\n+/)
    .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split("=", 2))));
  check(units.length === UNITS.length, `systemctl show: ${JSON.stringify(units)}`);
  for (const { Id, LoadState, Result } of units)
    check(LoadState === "loaded" && Result === "success", `${Id}: ${LoadState}, ${Result}`);
  const { stdout } = await machine.do("systemctl --failed --no-legend --plain", PATIENCE_MS);
  const failed = stdout.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.split(" ")[0]]));
  const others = failed.filter((name) => name !== IN_VAIN);
  check(others.length === 0, `failed in the machine: ${others.join(", ")}`);
  return { complaints, units: units.map((unit) => Object.values(unit).join(" ")) };
}

/** By which the page knows that there was one. */
const MEMORY_OF_IT = "/var/lib/vsix/agent/reset-done";

/** As a person does it, but for the power: an empty file on the boot partition. */
export async function resetByCard(context: ScenarioContext, machine: VirtualMachine): Promise<object> {
  const { check } = context;
  const { stdout } = await machine.do(
    [
      "sudo touch /boot/firmware/vsix-reset",
      "sudo systemctl start vsix-reset.service",
      "systemctl show -p Result,ConditionResult --value vsix-reset.service | paste -sd,",
      "sudo find /boot/firmware /var/lib/vsix/agent /etc/vsix -type f | grep -E '/vsix-reset|/vsix/agent/|/claim$' | paste -sd,",
      "ip -o -6 tunnel show | grep -cv ^ip6tnl0",
      "systemctl is-active vsix-agent.service",
    ].join("; "),
    PATIENCE_MS,
  );
  const [result, files, tunnels, agent] = stdout.split("\n");
  check(result?.split(",").sort().join() === "success,yes", `vsix-reset.service: ${stdout}`);
  check(files === MEMORY_OF_IT, `after the reset there are ${files}`);
  check(tunnels === "0", `after the reset there are ${tunnels} tunnels`);
  check(agent !== "active", "after the reset the agent runs, with nobody to obey");
  const page = (await statusPage(context)) as { readonly findings: readonly string[] };
  check(page.findings.join() === "reset", `the status page after the reset: ${page.findings.join()}`);
  return { result, files, tunnels, agent, page };
}
