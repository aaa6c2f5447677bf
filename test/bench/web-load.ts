import type { CDPSession } from "playwright-core";
import { WebSite } from "../controller/web-site.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { PageWatch } from "./page-figures.ts";
import { median, spread } from "./statistics.ts";

const ROUNDS = 5;
/** Lighthouse's "slow 4G": 150 ms round trip, 1.6 Mb/s down, 0.75 up; a processor four times as slow as this one. */
const SLOW = { latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const SLOW_CPU = 4;

interface Load {
  readonly octets: number;
  readonly files: number;
  readonly interactiveMs: number;
  readonly paintMs: number;
  readonly longTasksMs: number;
}

/**
 * How soon the page for signing in can be used by who has never been here. Interactive: from the navigation's start until letters
 * typed into the field of the user name stand in it, and React has heard them; the browser has no cache.
 */
async function run({ progress, count: rounds = ROUNDS, signal }: BenchContext): Promise<BenchResult> {
  progress.step(`web-load: ${rounds} rounds each`);
  await using site = await WebSite.start();
  const fast: Load[] = [];
  const slow: Load[] = [];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    progress.update(`round ${round + 1} of ${rounds}`);
    fast.push(await load(site, false));
    slow.push(await load(site, true));
  }
  return {
    figures: [...figuresOf("this machine", fast), ...figuresOf("slow 4G, CPU ÷ 4", slow)],
    setting: { rounds, page: "/sign-in", "slow 4G": "150 ms, 1.6 Mb/s down, 0.75 up" },
    notes: [
      "First load: octets that came over TLS for everything until the page can be used, headers too, compressed as the controller sends it",
      "(Brotli); the test of the 250 kB counts the same files by gzip. No cache. Interactive: letters typed are in the field and in React.",
    ],
  };
}

async function load(site: WebSite, isSlow: boolean): Promise<Load> {
  const { context, page } = await site.visitor();
  try {
    const watch = await PageWatch.begin(page);
    const { session } = watch;
    const counted = await countOctets(session);
    if (isSlow) {
      await session.send("Network.emulateNetworkConditions", { offline: false, ...SLOW });
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOW_CPU });
    }
    await page.goto("/sign-in", { waitUntil: "commit" });
    const field = page.locator('input[name="username"]');
    await field.pressSequentially("a");
    // A controlled field shows what React was told.
    const told = await page.waitForFunction(
      `document.querySelector('input[name="username"]')?.value === "a" && performance.now()`,
    );
    const paints = await page.evaluate<number>(
      `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN`,
    );
    const { tasksMs } = await watch.read();
    return {
      ...counted,
      interactiveMs: Number(await told.jsonValue()),
      paintMs: paints,
      longTasksMs: tasksMs.reduce((a, b) => a + b, 0),
    };
  } finally {
    await context.close();
  }
}

/** Of everything that is loaded from now on; grows. */
async function countOctets(session: CDPSession): Promise<{ octets: number; files: number }> {
  const counted = { octets: 0, files: 0 };
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    counted.octets += encodedDataLength;
    counted.files++;
  });
  return counted;
}

function figuresOf(where: string, loads: readonly Load[]): Figure[] {
  const of = (name: string, unit: Figure["unit"], values: readonly number[], aim?: string): Figure => ({
    ...{ name: `${where}: ${name}`, unit, value: median(values), samples: values.length },
    ...spread(values),
    ...(aim === undefined ? {} : { aim }),
  });
  return [
    of(
      "first load",
      "kB",
      loads.map(({ octets }) => octets / 1000),
      "under 250",
    ),
    of(
      "files",
      "requests",
      loads.map(({ files }) => files),
    ),
    of(
      "first contentful paint",
      "ms",
      loads.map(({ paintMs }) => paintMs),
    ),
    of(
      "interactive",
      "ms",
      loads.map(({ interactiveMs }) => interactiveMs),
    ),
    of(
      "tasks of 50 ms and more, together",
      "ms",
      loads.map(({ longTasksMs }) => longTasksMs),
    ),
  ];
}

export const webLoadCase: BenchCase = {
  name: "web-load",
  summary: "First load of the web application, and how soon it can be used, in Chromium.",
  run,
};
