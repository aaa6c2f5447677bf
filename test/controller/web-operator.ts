import assert from "node:assert/strict";
import { join } from "node:path";
import { hotp, totpStep } from "../../controller/src/portal/totp.ts";
import { fromBase32 } from "./authenticator.ts";
import { PASSWORD, PICTURES, type Visitor } from "./visitor.ts";
import type { WebSite } from "./web-site.ts";

/** Somebody of this role who has brought his second factor, at the console. */
export async function operator(
  site: WebSite,
  name: string,
  role: "operator" | "admin",
  locale: "en-GB" | "ja-JP" = "en-GB",
): Promise<Visitor> {
  const visitor = await site.visitor(locale);
  const { page } = visitor;
  await site.invited(name, visitor, "--role", role);
  await bringSecondFactor(visitor);
  await page.goto("/noc");
  await page.getByRole("heading", { level: 1 }).waitFor();
  return visitor;
}

/** Whoever is signed in sets up an authenticator application, and has the rights of his role. */
export async function bringSecondFactor(visitor: Visitor): Promise<void> {
  const { secret } = await asked<{ readonly secret: string }>(visitor, "/v1/portal/totp", {
    password: PASSWORD,
  });
  await asked(visitor, "/v1/portal/totp/confirm", { code: hotp(fromBase32(secret), totpStep(Date.now())) });
}

/** The page asks its own controller, as it does itself. */
async function asked<T>({ page }: Visitor, path: string, body: object): Promise<T> {
  const [status, answer] = await page.evaluate(
    async ([to, text]) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(to, { method: "POST", headers, body: text });
      return [response.status, (await response.json()) as unknown] as const;
    },
    [path, JSON.stringify(body)] as const,
  );
  assert.equal(status, 200, `${path}: ${JSON.stringify(answer)}`);
  return answer as T;
}

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/**
 * What keeps people from using the page that is open: in light colours as it is, in dark ones on a telephone, where it must not be
 * wider than the screen either. Pictures of both are kept.
 */
export async function barriersEverywhere(visitor: Visitor, name: string): Promise<readonly string[]> {
  const { page } = visitor;
  const found = [...(await visitor.barriers(`${name}-light`))];
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize(PHONE);
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  const widthNow = async (): Promise<number> =>
    Number(await page.evaluate("document.documentElement.scrollWidth"));
  // What moves when the window gets narrow, the navigation for one, takes its moment.
  let width = await widthNow();
  for (let look = 0; look < 20 && width > PHONE.width; look++) {
    await page.waitForTimeout(100);
    width = await widthNow();
  }
  if (width > PHONE.width) found.push(`${name}: ${width} pixels wide on a telephone`);
  found.push(...(await visitor.barriers(`${name}-dark-phone`)));
  await page.setViewportSize(DESKTOP);
  await page.screenshot({ path: join(PICTURES, `${name}-dark.png`) });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
  return found;
}
