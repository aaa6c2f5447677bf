/** What people call a browser and what it runs on, of what it says of itself (RFC 9110 section 10.1.5); undefined: it says neither. */
export interface BrowserName {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** The first that is found counts: most claim to be Safari too, and some to be Chrome. */
const BROWSERS = [
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Edge", /\bEdg(?:A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Chrome", /\b(?:Headless)?(?:Chrome|Chromium|CriOS)\//],
  ["Safari", /\bSafari\//],
] as const;

const SYSTEMS = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
] as const;

export function browserName(agent: string): BrowserName {
  const find = (list: readonly (readonly [string, RegExp])[]): string | undefined =>
    list.find(([, sign]) => sign.test(agent))?.[0];
  return { browser: find(BROWSERS), system: find(SYSTEMS) };
}
