import type { Browser } from "playwright-core";
import { type Locale, launchChromium, Visitor } from "../../controller/visitor.ts";
import { namespaceName } from "../names.ts";
import { portalOrigin } from "../programs.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Somebody with a real browser in a namespace of the lab, whose packets go through the network as anybody's do. */
export class LabBrowser implements AsyncDisposable {
  readonly visitor: Visitor;
  readonly #context: ScenarioContext;
  readonly #browser: Browser;

  private constructor(context: ScenarioContext, browser: Browser, visitor: Visitor) {
    this.#context = context;
    this.#browser = browser;
    this.visitor = visitor;
  }

  /** `where`: a namespace, as lab nodes are named. The lab's controller must show the web application (`portal` of the scenario). */
  static async at(context: ScenarioContext, where: string, locale: Locale): Promise<LabBrowser> {
    const { lab, signal } = context;
    const browser = await launchChromium(namespaceName(lab.name, where));
    try {
      signal.throwIfAborted();
      const visitor = await Visitor.open(browser, portalOrigin(lab.fabric), locale);
      return new LabBrowser(context, browser, visitor);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** A new user, who accepts his invitation here. */
  async invited(name: string, ...words: readonly string[]): Promise<void> {
    const { ctl } = this.#context;
    await ctl("user", "create", name);
    await this.visitor.accept((await ctl("user", "invite", name, ...words)).trim());
  }

  /** Checks that nothing of the open page keeps people from using it (axe), and keeps a picture of it. */
  async checkPage(name: string): Promise<void> {
    for (const barrier of await this.visitor.barriers(name)) this.#context.check(false, barrier);
  }

  /** Checks that the browser has complained of nothing: scripts that failed, what the page's policy refused. */
  checkQuiet(): void {
    for (const complaint of this.visitor.complaints) this.#context.check(false, `the browser: ${complaint}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
