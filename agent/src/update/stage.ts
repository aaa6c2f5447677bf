import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stepOf } from "../core/update/plan.ts";
import { alwaysReached } from "../core/update/reach.ts";
import { writeWhole } from "../io/checked-file.ts";
import { systemctl, unitFiles } from "./debian-host.ts";
import { lookAround } from "./observe.ts";
import { installedVersion, linkOrCopy, packInstalled, syncDisks, versionOf } from "./packages.ts";
import { type UpdatePlaces, watcherUnit } from "./places.ts";
import { UpdateError } from "./run-update.ts";
import { readUpdate, writeUpdate } from "./state-file.ts";

export interface StageOptions {
  readonly places: UpdatePlaces;
  readonly configFile: string;
  readonly agentSocket: string;
  readonly deb: string;
  readonly withinMs: number;
  readonly holdMs: number;
  /** Folder of the packaged program that runs now. */
  readonly home: string;
}

/** Looks before an update, and the time between them. */
const LOOKS = 3;
const APART_MS = 3_000;

/**
 * Brings together all that an update needs whatever becomes of either version, and writes it down; from then on it goes on by itself. A power cut
 * before that leaves the machine as it was. @throws UpdateError, ProgramError, what the disk says.
 */
export async function stageUpdate(options: StageOptions): Promise<void> {
  const { places, configFile, agentSocket, deb, withinMs, holdMs, home } = options;
  if (!existsSync(join(home, "main.js")))
    throw new UpdateError(
      "update-refused",
      "only an agent that was installed as a Debian package updates itself",
    );
  rootsOwn(dirname(places.directory));
  const under = readUpdate(places);
  if (under !== undefined && stepOf(under) !== undefined && existsSync(unitFiles()[1] ?? ""))
    throw new UpdateError(
      "update-refused",
      `an update to ${under.to} is under way: vsix-agent update status`,
    );
  const from = await installedVersion();
  if (from === undefined)
    throw new UpdateError("update-refused", "no agent is installed whole: dpkg --configure -a");
  const to = await versionOf(deb);
  const looks: (readonly string[])[] = [];
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(APART_MS);
    looks.push((await lookAround(agentSocket)).reached);
  }
  rmSync(places.directory, { recursive: true, force: true });
  mkdirSync(places.directory, { mode: 0o755 });
  copyFileSync(deb, places.debs.new);
  const scratch = join(places.directory, "scratch");
  await packInstalled(scratch, places.debs.previous);
  rmSync(scratch, { recursive: true });
  for (const path of globSync("**", { cwd: home }).map((name) => join(home, name)))
    if (statSync(path).isFile()) linkOrCopy(path, join(places.keeper, relative(home, path)));
  await syncDisks();
  // The unit goes by the state: alone it does nothing.
  const [enabled = "", unit = ""] = unitFiles();
  writeWhole(unit, Buffer.from(watcherUnit(places, configFile)));
  chmodSync(unit, 0o644);
  mkdirSync(dirname(enabled), { recursive: true });
  rmSync(enabled, { force: true });
  symlinkSync(unit, enabled);
  await syncDisks();
  writeUpdate(places, {
    ...{ version: 1, phase: "installing", from, to, before: [...alwaysReached(looks)] },
    ...{ withinMs, holdMs, resumed: 0, atMs: Date.now() },
  });
  await systemctl("daemon-reload");
}

/** What stands in it is run as root: nobody else may put something there. */
function rootsOwn(directory: string): void {
  const { uid, mode } = statSync(directory);
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new UpdateError(
      "update-refused",
      `${directory} is to be root's, and nobody else may write there: chown root ${directory}; chmod go-w ${directory}`,
    );
}
