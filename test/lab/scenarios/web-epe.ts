import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { LabBrowser } from "../services/lab-browser.ts";
import { bgpChoice, bothWays, type EpeStage, enableAndMove, setStage, statusWhere } from "./epe-stage.ts";
import { controllerNodeName } from "./pick.ts";

/** What the console says of one way out around a move: round trip and loss before and after, and cycles of each. */
interface MovedPeer {
  readonly is: string;
  readonly cells: readonly string[];
  readonly afterMs: number;
}

/** Somebody who looks at a destination's page in the console while its traffic is moved. */
class MoveWatcher implements AsyncDisposable {
  readonly #context: ScenarioContext;
  readonly #browser: LabBrowser;

  private constructor(context: ScenarioContext, browser: LabBrowser) {
    this.#context = context;
    this.#browser = browser;
  }

  static async open(context: ScenarioContext, { destination }: EpeStage): Promise<MoveWatcher> {
    const noc = controllerNodeName(context.lab.fabric);
    context.step(`somebody at ${noc} opens the console's page of ${destination.loopback}`);
    const browser = await LabBrowser.at(context, noc, "en-GB");
    await browser.invited("rei", "--role", "read-only");
    const { page } = browser.visitor;
    await page.goto(`/noc/epe/explain?destination=${encodeURIComponent(destination.loopback)}`);
    await page.locator("[data-moves]").waitFor();
    return new MoveWatcher(context, browser);
  }

  /**
   * Waits until the page, which nobody has loaded again, draws both ways out before and after the move to `better`, and checks that the new
   * one is the quicker one there too. Its table, row by row.
   */
  async check(better: string): Promise<readonly (readonly string[])[]> {
    const { check } = this.#context;
    const { page } = this.#browser.visitor;
    const move = page.locator("[data-move]").filter({ hasNotText: "only observed" }).first();
    // Cycles before / after.
    await move
      .locator("[data-peer-moved]", { hasText: /[1-9]\d* \/ [1-9]\d*$/ })
      .first()
      .waitFor();
    await move.locator("canvas").nth(1).waitFor();
    const peers: MovedPeer[] = [];
    for (const row of await move.locator("[data-peer-moved]").all()) {
      const cells = await row.locator("th, td").allTextContents();
      const afterMs = Number(/^([\d.]+) ms/.exec(cells[2] ?? "")?.[1] ?? Number.NaN);
      peers.push({ is: (await row.getAttribute("data-peer-moved")) ?? "", cells, afterMs });
    }
    const of = (is: string) => peers.find((one) => one.is === is);
    const [old, fresh] = [of("old"), of("new")];
    check(fresh?.cells[0]?.includes(better) === true, `the page says moved to ${fresh?.cells[0]}`);
    check(
      (fresh?.afterMs ?? Number.NaN) < (old?.afterMs ?? Number.NaN),
      `after the move the page has ${fresh?.cells.join(" | ")} beside ${old?.cells.join(" | ")}`,
    );
    await this.#browser.checkPage("lab-epe-moved-en");
    this.#browser.checkQuiet();
    return peers.map(({ cells }) => cells);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser[Symbol.asyncDispose]();
  }
}

async function moveIsDrawn(context: ScenarioContext): Promise<Figures> {
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp } = await bgpChoice(context, stage);
  context.step("vsixctl epe observe");
  await context.ctlJson("epe", "observe");
  const observed = await statusWhere(context, ({ wanted }) => wanted > 0, 90_000);
  context.check(observed !== undefined, "observing, nothing was found to be better");
  await using watcher = await MoveWatcher.open(context, stage);
  const { better, movedMs } = await enableAndMove(context, stage);
  const kept = await statusWhere(context, ({ accounts }) => accounts.kept > 0, 60_000);
  context.check(kept !== undefined, "the move was not judged again, or not kept");
  const shown = await watcher.check(better);
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs },
    other: { bgp, better, "the page of the move": shown },
  };
}

export const WEB_EPE_SCENARIOS: readonly Scenario[] = [
  {
    name: "web-epe-move",
    summary:
      "an Edge's traffic is led to a better egress peer, and the console draws both ways out before and after, without being loaded again",
    fabric: "examples/epe.yaml",
    portal: true,
    run: moveIsDrawn,
  },
];
