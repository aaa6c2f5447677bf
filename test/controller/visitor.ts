import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's; the one that scripts/setup installs. */
const CHROMIUM = "/usr/bin/chromium";
/** The same, within a network namespace. */
const WITHIN = join(import.meta.dirname, "chromium-within");
/** Pictures of pages, for people to look at. */
export const PICTURES = join(import.meta.dirname, "../../.cache/test/pages");
const WAIT_MS = 60_000;
export const PASSWORD = "correct horse battery staple";

export type Locale = "en-GB" | "ja-JP";

/** Starts a browser without a window; `namespace`: the network namespace that it is in. */
export function launchChromium(namespace?: string): Promise<Browser> {
  // Its sandbox does not work as root.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const where =
    namespace === undefined
      ? { executablePath: CHROMIUM }
      : {
          executablePath: WITHIN,
          env: { ...process.env, VSIX_NAMESPACE: namespace, VSIX_CHROMIUM: CHROMIUM },
        };
  return chromium.launch({ ...where, args, timeout: WAIT_MS });
}

/** A browser's context with one page, and everything that went wrong in it. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console (refusals by the Content Security Policy are among them) and of scripts. */
  readonly complaints: string[] = [];

  /** Somebody with a browser of his own, which says that it wants this language. */
  static async open(browser: Browser, origin: string, locale: Locale): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: origin,
      ignoreHTTPSErrors: true,
      locale,
      timezoneId: "Asia/Tokyo",
      viewport: { width: 1280, height: 900 },
    });
    context.setDefaultTimeout(WAIT_MS);
    return new Visitor(context, await context.newPage());
  }

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("console", (message) => {
      const text = message.text();
      // An answer that is a refusal, which the page shows, is logged by the browser too.
      if (message.type() !== "error" || text.startsWith("Failed to load resource")) return;
      this.complaints.push(`${page.url()}: ${text}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
  }

  /** Opens an invitation, and chooses PASSWORD. */
  async accept(invitation: string): Promise<void> {
    const { page } = this;
    await page.goto(invitation);
    await page.locator('input[name="new-password"]').fill(PASSWORD);
    await page.locator('input[name="new-password-again"]').fill(PASSWORD);
    await page.locator('button[type="submit"]').click();
    await page.locator("nav, header").first().waitFor();
  }

  /** What axe finds that keeps people from using the page (WCAG 2.2 A and AA), and a picture of it under this name. */
  async barriers(name: string): Promise<readonly string[]> {
    await mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(tags).analyze();
    return violations.map(
      ({ id, help, nodes }) => `${name}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`,
    );
  }
}
