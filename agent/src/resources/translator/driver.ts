import { createHash } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Change, Outcome } from "../../core/kind.ts";
import { SERVICE_PROTOCOL } from "../../core/ownership.ts";
import { TAYGA_CONFIG, TRANSLATOR_DEVICE } from "../../core/services/tayga.ts";
import type { Daemon } from "../../io/daemon.ts";
import type { ProgramUser } from "../../io/program-user.ts";
import { ProgramError, runProgram } from "../../io/run-program.ts";
import type { Driver } from "../driver.ts";
import type { TranslatorObject } from "./model.ts";

/** Says what the running program was told last: `SHA-256 PID`. */
const LOADED_FILE = "loaded";
const DATA_DIRECTORY = "data";
const UP_MS = 3_000;

/** Where tayga keeps which address it has given to whom. */
export function taygaData(directory: string): string {
  return join(directory, DATA_DIRECTORY);
}

/**
 * tayga on a TUN device of our name, with routes of our protocol number; a device of another name, another tayga and foreign routes
 * are not looked at. The device is a persistent one: routes stay while the program is restarted.
 */
export function translatorDriver(
  directory: string,
  daemon: Daemon,
  user: ProgramUser | undefined,
): Driver<TranslatorObject> {
  const file = (name: string): string => join(directory, name);
  const ip = (args: readonly string[], signal: AbortSignal): Promise<string> =>
    runProgram(["ip", ...args], { signal, debianPackage: "iproute2" });
  return {
    async observe(signal) {
      const mtu = await deviceMtu(signal);
      const pid = daemon.find();
      if (mtu === undefined && pid === undefined) return [];
      const config = await readFile(file(TAYGA_CONFIG), "utf8").catch(() => "");
      const loaded = await readFile(file(LOADED_FILE), "utf8").catch(() => "");
      const known = pid !== undefined && loaded === loadedText(config, pid);
      const routes = mtu === undefined ? [] : await routesNow(signal);
      return [
        {
          name: "tayga",
          config: known ? config : "",
          mtu: mtu === undefined || !mtu.up ? undefined : mtu.octets,
          routes,
          source: "",
        },
      ];
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        try {
          await applyOne(change, signal);
          outcomes.push({ key: change.key, ok: true });
        } catch (error) {
          if (signal.aborted || !(error instanceof Error)) throw error;
          const errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 5);
          outcomes.push({ key: change.key, ok: false, errno, reason: error.message });
        }
      }
      return outcomes;
    },
  };

  async function applyOne(change: Change<TranslatorObject>, signal: AbortSignal): Promise<void> {
    if (change.op === "delete") {
      await daemon.stop();
      if ((await deviceMtu(signal)) !== undefined) await ip(["link", "delete", TRANSLATOR_DEVICE], signal);
      await rm(directory, { recursive: true, force: true });
      return;
    }
    const { desired } = change;
    const observed = change.op === "replace" ? change.observed : undefined;
    if (observed?.config !== desired.config) await write(desired.config);
    if (observed?.mtu === undefined && (await deviceMtu(signal)) === undefined)
      await runProgram(["tayga", "--mktun", "-c", file(TAYGA_CONFIG)], { signal, debianPackage: "tayga" });
    if (observed?.mtu !== desired.mtu) await setDevice(desired, signal);
    await setRoutes(desired, observed?.routes ?? [], signal);
    if (observed?.config === desired.config && daemon.find() !== undefined) return;
    await daemon.stop();
    await begin(signal);
    const pid = daemon.find();
    if (pid === undefined)
      throw new ProgramError("program-failed", "tayga ended at once; it tells syslog why");
    await writeFile(file(LOADED_FILE), loadedText(desired.config, pid));
  }

  async function write(config: string): Promise<void> {
    const data = taygaData(directory);
    await mkdir(data, { recursive: true, mode: 0o755 });
    if (user !== undefined) {
      await chown(data, user.uid, user.gid);
      // What another user of before has written there.
      await chown(join(data, "dynamic.map"), user.uid, user.gid).catch(() => undefined);
    }
    const fresh = file(`${TAYGA_CONFIG}.new`);
    await writeFile(fresh, config, { mode: 0o644 });
    await rename(fresh, file(TAYGA_CONFIG));
  }

  async function begin(signal: AbortSignal): Promise<void> {
    const as = user === undefined ? [] : ["--user", user.name];
    daemon.start(["tayga", "--nodetach", "-c", file(TAYGA_CONFIG), ...as]);
    for (let waitedMs = 0; waitedMs < UP_MS; waitedMs += 20) {
      await sleep(20, undefined, { signal });
      if (daemon.pid === undefined)
        throw new ProgramError("program-failed", "tayga ended at once; it tells syslog why");
      if (
        (await readFile(`/sys/class/net/${TRANSLATOR_DEVICE}/carrier`, "utf8").catch(() => "")).trim() === "1"
      )
        return;
    }
    throw new ProgramError("program-slow", `tayga has not opened ${TRANSLATOR_DEVICE} within ${UP_MS} ms`);
  }

  async function deviceMtu(
    signal: AbortSignal,
  ): Promise<{ readonly octets: number; readonly up: boolean } | undefined> {
    const links = JSON.parse(await ip(["-j", "link", "show"], signal)) as readonly {
      readonly ifname: string;
      readonly mtu: number;
      readonly flags: readonly string[];
    }[];
    const link = links.find(({ ifname }) => ifname === TRANSLATOR_DEVICE);
    return link === undefined ? undefined : { octets: link.mtu, up: link.flags.includes("UP") };
  }

  async function routesNow(signal: AbortSignal): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [family, length] of [
      ["-6", 128],
      ["-4", 32],
    ] as const) {
      const which = ["dev", TRANSLATOR_DEVICE, "proto", String(SERVICE_PROTOCOL)];
      const said = await ip(["-j", family, "route", "show", "table", "main", ...which], signal);
      for (const { dst } of JSON.parse(said || "[]") as readonly { readonly dst: string }[])
        found.push(dst.includes("/") ? dst : `${dst}/${length}`);
    }
    return found.sort();
  }

  async function setDevice({ mtu }: TranslatorObject, signal: AbortSignal): Promise<void> {
    // It needs no link-local address: nobody is its neighbour.
    await ip(["link", "set", TRANSLATOR_DEVICE, "addrgenmode", "none", "mtu", String(mtu), "up"], signal);
  }

  async function setRoutes(
    { routes, source }: TranslatorObject,
    before: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const at = `dev ${TRANSLATOR_DEVICE} proto ${SERVICE_PROTOCOL}`;
    const lines = [
      ...routes
        .filter((prefix) => !before.includes(prefix))
        .map((prefix) =>
          prefix.includes(":")
            ? `-6 route replace ${prefix} ${at} src ${source}`
            : `-4 route replace ${prefix} ${at}`,
        ),
      ...before
        .filter((prefix) => !routes.includes(prefix))
        .map((prefix) => `${prefix.includes(":") ? "-6" : "-4"} route delete ${prefix} ${at}`),
    ];
    for (const family of ["-6", "-4"]) {
      const input = lines.flatMap((line) => (line.startsWith(family) ? [`${line.slice(3)}\n`] : [])).join("");
      if (input !== "")
        await runProgram(["ip", family, "-batch", "-"], { signal, input, debianPackage: "iproute2" });
    }
  }
}

function loadedText(config: string, pid: number): string {
  return `${createHash("sha256").update(config).digest("hex")} ${pid}\n`;
}
