import type { CDPSession, Page } from "playwright-core";

/** What a page has cost since it was opened. Times in seconds. */
interface Counters {
  readonly atS: number;
  readonly taskS: number;
  readonly scriptS: number;
  readonly layoutS: number;
  readonly styleS: number;
  readonly layouts: number;
  readonly frames: number;
  readonly tasksMs: readonly number[];
}

export interface PageFigures {
  /** Frames that scripts were called for, a second: how smooth what moves would be. */
  readonly framesPerS: number;
  /** Tasks of 50 ms and more (Long Tasks API), each in milliseconds. */
  readonly longTasksMs: readonly number[];
  /** Of one core, per cent: everything on the page's main thread, and what of it was what. */
  readonly mainThread: number;
  readonly script: number;
  readonly layout: number;
  readonly style: number;
  readonly layoutsPerS: number;
}

/** Watches the main thread of one page through Chromium's own counters (CDP, Performance.getMetrics). */
export class PageWatch {
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  /** Before the page is opened: it counts frames and long tasks from its beginning. */
  static async begin(page: Page): Promise<PageWatch> {
    await page.addInitScript({ content: countInPage });
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    return new PageWatch(page, session);
  }

  get session(): CDPSession {
    return this.#session;
  }

  async read(): Promise<Counters> {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    const { frames, tasksMs } = await this.#page.evaluate<InPage>("window.__bench");
    return {
      atS: of("Timestamp"),
      taskS: of("TaskDuration"),
      scriptS: of("ScriptDuration"),
      layoutS: of("LayoutDuration"),
      styleS: of("RecalcStyleDuration"),
      layouts: of("LayoutCount"),
      ...{ frames, tasksMs },
    };
  }

  /** Live objects, MB, after what is garbage was collected. */
  async heapMb(): Promise<number> {
    await this.#session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#session.send("Runtime.getHeapUsage");
    return usedSize / 2 ** 20;
  }

  static between(before: Counters, after: Counters): PageFigures {
    const s = after.atS - before.atS;
    const share = (later: number, earlier: number): number => (100 * (later - earlier)) / s;
    return {
      framesPerS: (after.frames - before.frames) / s,
      longTasksMs: after.tasksMs.slice(before.tasksMs.length),
      mainThread: share(after.taskS, before.taskS),
      script: share(after.scriptS, before.scriptS),
      layout: share(after.layoutS, before.layoutS),
      style: share(after.styleS, before.styleS),
      layoutsPerS: (after.layouts - before.layouts) / s,
    };
  }
}

interface InPage {
  frames: number;
  tasksMs: number[];
}

/** Runs in the page, as text: nothing of this module is there. */
const countInPage = `
  window.__bench = { frames: 0, tasksMs: [] };
  const next = () => { window.__bench.frames++; requestAnimationFrame(next); };
  requestAnimationFrame(next);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.__bench.tasksMs.push(duration);
  }).observe({ type: "longtask", buffered: true });
`;
