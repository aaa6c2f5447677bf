import type { Page } from "playwright-core";
import { Keyboard } from "../../controller/keyboard.ts";
import { bringSecondFactor } from "../../controller/web-operator.ts";
import { lossyCable } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { LabBrowser } from "../services/lab-browser.ts";
import { checkPlanes } from "./moves.ts";
import { controllerNodeName } from "./pick.ts";
import { checkAll, prepare } from "./rollout.ts";
import { portOf } from "./rollout-faults.ts";

/** Of what the bad plane carries out. */
const LOSS_PERCENT = 10;
/** For what the judge needs time for. */
const LONG = { timeout: 180_000 };

/** What the page's table has of one metric, in the order of its columns. */
async function judged(page: Page, metric: string): Promise<readonly string[]> {
  return page.locator(`[data-metric="${metric}"]`).locator("th, td").allInnerTexts();
}

/** `4.8 %` as a number. */
const percent = (text: string | undefined): number => Number(/^(-?[\d.]+) %$/.exec(text ?? "")?.[1] ?? NaN);

/** By keys alone: finds the page, fills it in, looks at what it would do, starts it. Number of the rollout. */
async function start(keys: Keyboard, browser: LabBrowser, canary: string): Promise<void> {
  const { page } = browser.visitor;
  await keys.press("Control+k");
  await page
    .getByLabel(/Page, node/)
    .first()
    .waitFor();
  await keys.type("rollouts");
  await page
    .getByRole("option", { name: /Rollouts/ })
    .first()
    .waitFor();
  await keys.press("Enter");
  await keys.activate(page.getByRole("link", { name: "New rollout" }));
  await keys.fill(page.getByRole("textbox", { name: "Steps" }), "1,100%");
  await keys.fill(page.getByLabel("Each step is observed for at least, seconds"), "10");
  await keys.fill(page.getByLabel("Rehearsal and its halves, seconds"), "10");
  await keys.fill(page.getByLabel("Goes back if a moved Edge is not seen there within, seconds"), "60");
  await keys.reach(page.getByLabel("First to move").and(page.locator("input:not([type=hidden])")));
  await keys.type(canary);
  await page.getByRole("option", { name: canary }).waitFor();
  await keys.press("ArrowDown");
  await keys.press("Enter");
  await keys.press("Escape");
  await keys.activate(page.getByRole("button", { name: "Show what it would do" }));
  await page.locator("[data-plan]").waitFor();
  await browser.checkPage("lab-rollout-plan-en");
  await keys.activate(page.getByRole("button", { name: "Start the rollout" }));
  await page.getByRole("heading", { name: /^Rollout \d+: blue → green$/ }).waitFor();
}

async function rollout(context: ScenarioContext): Promise<Figures> {
  const { lab, check } = context;
  const stage = await prepare(context);
  const { home, away, busy } = stage;
  const canary = busy[0]?.name ?? "";
  const noc = controllerNodeName(lab.fabric);
  await checkAll(context, stage, home, "before");
  context.step(`an operator sits down at ${noc}`);
  await using browser = await LabBrowser.at(context, noc, "en-GB");
  const { page } = browser.visitor;
  await browser.invited("oda", "--role", "operator");
  await bringSecondFactor(browser.visitor);
  await page.goto("/noc");
  await page.getByRole("heading", { level: 1 }).waitFor();

  context.step("by keys alone: a rollout is planned and started");
  const keys = new Keyboard(page);
  const startedMs = performance.now();
  await start(keys, browser, canary);
  await page.getByText("rehearsal: there").first().waitFor(LONG);
  await page
    .getByText(new RegExp(`^1 of \\d+ Edges are on ${away}$`))
    .first()
    .waitFor();
  await checkPlanes(context, canary, away, "rehearsing", 20);
  const movedMs = Math.round(performance.now() - startedMs);

  context.step(`${away} loses ${LOSS_PERCENT} % of what goes out, with ${canary} on it`);
  const struckMs = performance.now();
  const { heal } = await lossyCable(lab, portOf(context, away), LOSS_PERCENT);
  await page.getByText("aborted, all are back").first().waitFor(LONG);
  const backMs = Math.round(performance.now() - struckMs);
  await page
    .getByText(new RegExp(`^0 of \\d+ Edges are on ${away}$`))
    .first()
    .waitFor();
  const why =
    (await page
      .getByText(/^the judge says no: /)
      .first()
      .textContent()) ?? "";
  // Of the plane as all targets see it, or of the canary against itself: whichever is proven first.
  const metric = /the judge says no: (loss|user-loss) /.exec(why)?.[1];
  check(metric !== undefined, `the page's reason is no loss: ${why}`);
  const row = await judged(page, metric ?? "loss");
  const [, result, , , difference, , limit] = row;
  check(/fails/.test(result ?? ""), `the judge's table says: ${row.join(" | ")}`);
  check(percent(difference) > percent(limit), `the page has of both planes: ${row.join(" | ")}`);
  await page.locator("[data-plot] canvas").first().waitFor();
  await browser.checkPage("lab-rollout-back-en");
  await checkAll(context, stage, home, "after going back");
  await heal();
  browser.checkQuiet();

  const hurt = stage.flows.filter(({ label }) => label.split(">").includes(canary));
  const well = stage.flows.filter((flow) => !hurt.includes(flow));
  const lost = await context.account(hurt, Number.POSITIVE_INFINITY);
  check(
    lost.some((flow) => flow.lost > 0),
    `nothing of ${canary} was lost: it was not on the bad plane`,
  );
  return {
    flows: [...(await context.account(well)), ...lost],
    timesMs: { "start to the canary there": movedMs, "the loss to everybody back": backMs },
    other: { canary, keys: keys.pressed, why, "the row of the judge's table": row },
  };
}

export const WEB_ROLLOUT_SCENARIOS: readonly Scenario[] = [
  {
    name: "web-rollout",
    summary: `an operator starts a rollout in the console by keys alone (English); the plane loses ${LOSS_PERCENT} % with the canary on it, the page shows the judge's figures and everybody back; nobody else loses a packet`,
    fabric: "test/lab/fixtures/portal.yaml",
    portal: true,
    run: rollout,
  },
];
