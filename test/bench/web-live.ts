import { setTimeout as sleep } from "node:timers/promises";
import type { Visitor } from "../controller/visitor.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { type PageFigures, PageWatch } from "./page-figures.ts";
import { cpuMs, memoryMb, ownCpuMs } from "./process-figures.ts";
import { percentile } from "./statistics.ts";
import { FAKES, NODES, WebBed } from "./web-bed.ts";

/** How long each view is watched, and before that left to itself. */
const WATCH_S = 20;
const SETTLE_MS = 5000;

interface Watched extends PageFigures {
  readonly heapMb: number;
  readonly heapGrownMb: number;
  readonly controllerCpu: number;
  readonly fakesCpu: number;
  readonly reportsPerS: number;
  readonly readsPerS: number;
}

/** The operators' live screen of 500 nodes that all tell something new every second, in Chromium: drawn, and as lists. */
async function run(context: BenchContext): Promise<BenchResult> {
  const { progress, count: watchS = WATCH_S } = context;
  progress.step(`web-live: ${NODES} nodes`);
  await using bed = await WebBed.start(context);
  const visitor = await bed.site.visitor();
  const watch = await PageWatch.begin(visitor.page);
  await bed.site.invited("watcher", visitor, "--role", "read-only");
  await visitor.page
    .locator(`[data-graph="${NODES + 1}"] canvas`)
    .first()
    .waitFor();
  const look = (): Promise<Watched> => watched({ bed, visitor, watch, watchS, context });
  progress.update("the drawing is watched");
  const drawing = await look();
  await visitor.page.getByText("Lists", { exact: true }).click();
  await visitor.page.locator("[data-listed]").first().waitFor();
  progress.update("the lists are watched");
  const lists = await look();
  await visitor.page.getByRole("link", { name: "Nodes" }).click();
  await visitor.page.locator("[data-node]").first().waitFor();
  progress.update("the nodes' page is watched");
  const nodes = await look();
  if (bed.site.complaints.length > 0) throw new Error(bed.site.complaints.slice(0, 3).join("; "));
  return {
    figures: [
      ...figuresOf("drawing", drawing),
      ...figuresOf("lists", lists),
      ...figuresOf("nodes' page", nodes),
      { name: "controller: RSS at the end", unit: "MB", value: await memoryMb(bed.site.bench.pid) },
    ],
    setting: {
      "simulated nodes": bed.fleet.size,
      "updates a second": NODES,
      "watched each, s": watchS,
      browser: visitor.context.browser()?.version() ?? "unknown",
      viewport: "1280×900",
    },
    notes: [
      ...FAKES,
      "Per cent are of one core. Chromium is headless and draws in software; browser, controller and fakes share this machine's cores.",
    ],
  };
}

async function watched({
  bed,
  visitor,
  watch,
  watchS,
  context: { signal },
}: {
  readonly bed: WebBed;
  readonly visitor: Visitor;
  readonly watch: PageWatch;
  readonly watchS: number;
  readonly context: BenchContext;
}): Promise<Watched> {
  await sleep(SETTLE_MS, undefined, { signal });
  let reads = 0;
  const heard = (request: { url(): string }): void => {
    if (request.url().endsWith("/v1/status")) reads++;
  };
  const heapBefore = await watch.heapMb();
  visitor.page.on("request", heard);
  const { pid } = bed.site.bench;
  const before = { page: await watch.read(), cpu: await cpuMs(pid), own: ownCpuMs(), told: bed.told };
  const startMs = performance.now();
  await sleep(watchS * 1000, undefined, { signal });
  const [after, cpu, own, told] = [await watch.read(), await cpuMs(pid), ownCpuMs(), bed.told];
  const ms = performance.now() - startMs;
  visitor.page.off("request", heard);
  const heapMb = await watch.heapMb();
  return {
    ...PageWatch.between(before.page, after),
    ...{ heapMb, heapGrownMb: heapMb - heapBefore },
    controllerCpu: (100 * (cpu - before.cpu)) / ms,
    fakesCpu: (100 * (own - before.own)) / ms,
    reportsPerS: ((told - before.told) * 1000) / ms,
    readsPerS: (reads * 1000) / ms,
  };
}

function figuresOf(view: string, it: Watched): Figure[] {
  const of = (name: string, unit: Figure["unit"], value: number, more: Partial<Figure> = {}): Figure => ({
    ...{ name: `${view}: ${name}`, unit, value },
    ...more,
  });
  const tasks = it.longTasksMs;
  return [
    of("frames", "frames/s", it.framesPerS),
    of("tasks of 50 ms and more", "tasks", tasks.length),
    of("longest of them", "ms", Math.max(0, ...tasks)),
    ...(tasks.length === 0 ? [] : [of("of them, p50", "ms", percentile(tasks, 50))]),
    of("main thread", "%", it.mainThread),
    of("of it scripts", "%", it.script),
    of("of it layout", "%", it.layout),
    of("of it style", "%", it.style),
    of("layouts a second", "updates", it.layoutsPerS),
    of("JS heap in use", "MB", it.heapMb),
    of("grown meanwhile", "MB", it.heapGrownMb),
    of("status read a second", "requests", it.readsPerS),
    of("reports of nodes a second", "updates", it.reportsPerS),
    of("controller CPU", "%", it.controllerCpu),
    of("CPU of fakes and bench", "%", it.fakesCpu),
  ];
}

export const webLiveCase: BenchCase = {
  name: "web-live",
  summary: `The console's live screen with ${NODES} simulated nodes, one update a second each, in Chromium.`,
  run,
};
