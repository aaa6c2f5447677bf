import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import type { Page } from "playwright-core";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { countUsers } from "../services/count-users.ts";
import { LabBrowser } from "../services/lab-browser.ts";
import { createHome, giveAddress, type Home } from "../services/users.ts";
import { ownEdge } from "./pick.ts";
import { timeEchoes, timeUntilCut } from "./served.ts";

const DEVICE = "ie";
/** Packets a second, each way. */
const RATE = 200;

/** Next hops of a router's kernel that lead into SRv6 towards this user, and routes that use them. */
async function inKernel({ lab }: ScenarioContext, router: string, endpoint: string): Promise<number> {
  const ip = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await mustRun("ip", ["-n", namespaceName(lab.name, router), "-6", ...words])).split("\n");
  const ids = (await ip("nexthop", "show"))
    .filter((line) => line.includes("encap seg6") && line.includes(endpoint))
    .flatMap((line) => /^id (\d+) /.exec(line)?.[1] ?? []);
  const routes = await ip("route", "show", "table", "all");
  return routes.filter((line) => ids.some((id) => line.includes(` nhid ${id} `))).length;
}

/** What the page has of a file of the set-up that is chosen. */
async function fileOn(page: Page, path: string): Promise<string> {
  return (await page.getByRole("region", { name: path }).locator("pre").textContent()) ?? "";
}

/** The user does what the page says, on his router; its host hears of the prefix. The host's address. */
async function setUp(context: ScenarioContext, page: Page, home: Home): Promise<string> {
  await page.getByLabel("ホストがつながるネットワークデバイス").fill(home.lan);
  await page.locator("pre", { hasText: `lan=${home.lan}` }).waitFor();
  const input = await fileOn(page, "/usr/local/sbin/vsix-access");
  const [file = "ip", ...args] = inNamespace(namespaceName(context.lab.name, home.router), ["sh", "-s"]);
  await mustRun(file, args, { input });
  // What radvd would tell by the other file.
  const prefix = /^ {2}prefix (\S+) \{$/m.exec(await fileOn(page, "/etc/radvd.conf"))?.[1];
  if (prefix === undefined) throw new LabError("lab/scenario", "the set-up tells hosts no prefix");
  return giveAddress(context.lab, home, prefix);
}

async function apply(context: ScenarioContext): Promise<Figures> {
  const { lab, check } = context;
  const { fabric } = lab;
  const [point] = fabric.services?.access ?? [];
  const [router] = point?.routers ?? [];
  const [pool] = point?.pools ?? [];
  if (point?.srv6 === undefined || router === undefined || pool === undefined)
    throw new LabError("lab/fabric", "an access point with SRv6 is wanted");
  const edge = ownEdge(fabric).name;
  await context.ctl("pool", "create", point.name, "--purpose", "srv6", "--prefix", pool);
  await context.ctl("service", "set", "srv6-access", "--approval", "auto");
  const home = await createHome(lab, 1);

  context.step(`mika opens her invitation in a browser at ${home.router}`);
  await using browser = await LabBrowser.at(context, home.router, "ja-JP");
  const { page } = browser.visitor;
  await browser.invited("mika");
  await page.getByRole("link", { name: "新しい接続" }).click();
  await page.getByLabel("ネットワーク(SRv6)").check();
  await page.getByLabel("デバイスの名前").fill(DEVICE);
  await page.getByLabel("ルーターの SID").fill(home.endpoint);
  await browser.checkPage("lab-apply-form-ja");
  check((await inKernel(context, router, home.endpoint)) === 0, `${router} has her before she applied`);
  context.step("she applies");
  const appliedAtMs = performance.now();
  await page.getByRole("button", { name: "申し込む", exact: true }).click();
  const card = page.getByRole("article", { name: DEVICE });
  await card.getByText("ルーターに反映済み").waitFor();
  const shownMs = Math.round(performance.now() - appliedAtMs);
  const routes = await inKernel(context, router, home.endpoint);
  check(routes > 0, `the page says applied, and ${router}'s kernel leads nothing to ${home.endpoint}`);
  await card.getByRole("link", { name: `${DEVICE} の設定` }).click();
  const address = await setUp(context, page, home);
  check((await timeEchoes(context, edge, address, true, 20_000)) >= 0, "nothing comes to her host");
  const reachedMs = Math.round(performance.now() - appliedAtMs);
  await browser.checkPage("lab-apply-setup-ja");

  context.step("packets both ways, and the page tells of them");
  // What leads to her has an outer header only, to her SID, where it is forwarded.
  const passed = await countUsers(lab, router, "forward", [address, home.endpoint]);
  const both = async (label: string) => [
    await context.flow(edge, home.host, RATE, { destination: address, label: `to her, ${label}` }),
    await context.flow(home.host, edge, RATE, { source: address, label: `from her, ${label}` }),
  ];
  const served = await both("served");
  await page.getByRole("link", { name: "概要" }).click();
  await card.getByText(`ルーター ${router} が通信を運んでいます`).waitFor();
  const seen = card.getByText("最後に通信を確認");
  await seen.waitFor();
  await page.locator('[data-live="live"]').waitFor();
  const told = (await card.allInnerTexts()).flatMap((text) => text.split(/\n+/));
  await browser.checkPage("lab-apply-live-ja");
  const figures = await context.account(served);
  const [to, from] = figures;
  const counted = {
    from: (await passed("from")).get(address) ?? 0,
    to: (await passed("to")).get(home.endpoint) ?? 0,
  };
  check(counted.from >= (from?.sent ?? Infinity), `${router} passed on ${counted.from} packets from her`);
  check(counted.to >= (to?.sent ?? Infinity), `${router} passed on ${counted.to} packets to her`);

  context.step("she ends it");
  await card.getByRole("button", { name: `${DEVICE} を終了` }).click();
  const endedAtMs = performance.now();
  await page.getByRole("dialog").getByRole("button", { name: "終了", exact: true }).click();
  await card.getByRole("status").getByText("終了", { exact: true }).waitFor();
  const endedMs = Math.round(performance.now() - endedAtMs);
  check((await card.getByText("アドレス").count()) === 0, "the card of what has ended speaks of addresses");
  await browser.checkPage("lab-apply-ended-ja");
  const cutMs = await timeUntilCut(context, home.host, edge, address, 10_000);
  check(cutMs >= 0, "her packets come through after the page said that it has ended");
  check((await inKernel(context, router, home.endpoint)) === 0, `${router}'s kernel still leads to her`);
  const over = await both("ended");
  await context.sleep(1000);
  const ended = await Promise.all(over.map((flow) => flow.stop()));
  for (const { label, sent, received } of ended)
    check(sent > 0 && received === 0, `${label}: ${received} of ${sent} packets came through`);
  const { applications } = (await context.ctlJson("application", "list")) as {
    readonly applications: readonly ApplicationAnswer[];
  };
  check(applications[0]?.state === "revoked", `the controller says ${applications[0]?.state}`);
  browser.checkQuiet();
  return {
    flows: [...figures, ...ended],
    timesMs: {
      "from the button to the page that says applied": shownMs,
      "from the button to an echo, with setting her router up": reachedMs,
      "from the button to the page that says ended": endedMs,
      "nothing from her, after that": cutMs,
    },
    other: { "routes to her in the router's kernel": routes, counted, "the card while live": told },
  };
}

export const WEB_APPLY_SCENARIOS: readonly Scenario[] = [
  {
    name: "web-apply",
    summary:
      "a user at home applies for SRv6 access in a browser (Japanese), sets her router up by what the page says and sees it live; she ends it there, and no packet comes through",
    fabric: "test/lab/fixtures/portal.yaml",
    portal: true,
    run: apply,
  },
];
