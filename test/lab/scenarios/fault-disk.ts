import { cp, mkdtemp, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ctlJson, runCtl } from "../ctl.ts";
import { startProgram, stopProgram } from "../faults.ts";
import { namespaceOf } from "../lab.ts";
import { stateDirectory } from "../names.ts";
import { agentCommand, nodeDirectory, type ProgramName } from "../programs.ts";
import { inNamespace, mustRun, run } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const SIZE = "8m";
const FILLER = "filler";

/** A program whose state directory lies on a small file system of its own. */
class SmallDisk implements AsyncDisposable {
  readonly directory: string;
  #mounted = false;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The program is stopped, its state moved onto the new file system, and the program started again. */
  async install({ lab }: ScenarioContext, node: string, program: ProgramName): Promise<void> {
    await stopProgram(lab, node, program);
    const aside = await mkdtemp(join(tmpdir(), "vsix-disk-"));
    try {
      await cp(this.directory, aside, { recursive: true });
      await mustRun("mount", ["-t", "tmpfs", "-o", `size=${SIZE},mode=0700`, "vsix-lab", this.directory]);
      this.#mounted = true;
      await cp(aside, this.directory, { recursive: true });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
    await startProgram(lab, node, program);
  }

  /** Not an octet is left. */
  async fill(): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory);
    await writeFile(join(this.directory, FILLER), Buffer.alloc(bavail * bsize)).catch(() => undefined);
  }

  async free(): Promise<void> {
    await rm(join(this.directory, FILLER), { force: true });
  }

  /** Lazily: a program of the lab may still have files open there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#mounted) await mustRun("umount", ["--lazy", this.directory]);
  }
}

async function storeCondition(context: ScenarioContext, node: string): Promise<string | undefined> {
  const { lab } = context;
  const [file = "ip", ...args] = inNamespace(namespaceOf(lab, node), agentCommand(lab.name, node, "report"));
  const { stdout } = await run(file, args, { signal: context.signal });
  const { conditions = [] } = JSON.parse(stdout) as {
    readonly conditions?: readonly { readonly object: string; readonly reason?: string }[];
  };
  return conditions.find(({ object }) => object === "document store")?.reason;
}

/** An agent offers its document to the disk again every ten seconds. */
const SAVED_WITHIN_MS = 15_000;

/** What a node reports of its disk once that is as wanted, or when it was offered a document in vain. */
async function waitCondition(
  context: ScenarioContext,
  node: string,
  is: (reason: string | undefined) => boolean,
): Promise<string | undefined> {
  const deadline = performance.now() + SAVED_WITHIN_MS;
  let reason = await storeCondition(context, node);
  while (!is(reason) && performance.now() < deadline) {
    await context.sleep(500);
    reason = await storeCondition(context, node);
  }
  return reason;
}

async function diskFull(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const noc = controllerNodeName(lab.fabric);
  await using nodeDisk = new SmallDisk(join(nodeDirectory(lab.name, edge.name), "agent"));
  await using controllerDisk = new SmallDisk(join(stateDirectory(lab.name), "controller"));
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  await nodeDisk.install(context, edge.name, "agent");
  await controllerDisk.install(context, noc, "controller");
  await context.sleep(2000);
  await context.converge(60_000);

  context.step(`the disk of ${edge.name} is full: it is steered all the same and says so`);
  await nodeDisk.fill();
  await context.ctl("edge", "steer", edge.name, "--plane", away);
  await checkPlanes(context, edge.name, away, "with a full disk on the Edge");
  const saysFull = (reason: string | undefined): boolean => reason?.includes("ENOSPC") === true;
  const full = await waitCondition(context, edge.name, saysFull);
  context.check(saysFull(full), `the Edge's report says of its disk: ${full ?? "nothing"}`);
  await nodeDisk.free();
  const after = await waitCondition(context, edge.name, (reason) => reason === undefined);
  context.check(after === undefined, `with room again the Edge's report still says: ${after}`);

  context.step("the controller's disk is full: a change is refused whole, and the network goes on");
  const big = join(stateDirectory(lab.name), "big.yaml");
  const padding = "# a comment that has to be stored with its revision\n".repeat(6000);
  await writeFile(big, `${await readFile(lab.file, "utf8")}\n${padding}`);
  const before = await revisions(context);
  await controllerDisk.fill();
  const refused = await runCtl(lab, ["apply", big]);
  context.check(refused.code !== 0, "a change was taken although the disk had no room for it");
  context.check(
    /disk|full|space/i.test(refused.stderr),
    `the refusal does not say why: ${refused.stderr.trim()}`,
  );
  context.check((await revisions(context)) === before, "a revision was stored although it was refused");
  await checkPlanes(context, edge.name, away, "with a full disk at the controller");
  await controllerDisk.free();
  const taken = await runCtl(lab, ["apply", big]);
  context.check(taken.code === 0, `with room again: exit ${taken.code}: ${taken.stderr.trim()}`);
  await context.ctl("edge", "steer", edge.name, "--plane", home);
  await checkPlanes(context, edge.name, home, "with room again");
  await context.converge(60_000);
  await checkPlansEmpty(context);
  return { flows: await context.account(flows), other: { node: full, controller: refused.stderr.trim() } };
}

async function revisions({ lab, signal }: ScenarioContext): Promise<number> {
  const history = (await ctlJson(lab, ["history"], { signal })) as { readonly revisions: readonly unknown[] };
  return history.revisions.length;
}

export const FAULT_DISK_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-disk-full",
    summary: "an Edge's disk and then the controller's are full: said, nothing half done, nothing lost",
    fabric: "examples/quick.yaml",
    run: diskFull,
  },
];
