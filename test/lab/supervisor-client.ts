import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./lab-error.ts";
import { NODE } from "./names.ts";
import type { ProgramState } from "./supervised.ts";
import {
  type SupervisorAnswer,
  type SupervisorRequest,
  supervisorLog,
  supervisorPidFile,
  supervisorSocket,
} from "./supervisor-protocol.ts";

const MAIN = join(import.meta.dirname, "supervisor.ts");

/** Starts the supervisor of a lab as a process of its own session and waits until it answers. */
export async function startSupervisor(lab: string): Promise<void> {
  const log = openSync(supervisorLog(lab), "a");
  const child = spawn(NODE, [MAIN, lab], { detached: true, stdio: ["ignore", log, log], cwd: "/" });
  closeSync(log);
  child.unref();
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await tryAsk(lab, { op: "status" })) return;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new LabError("lab/supervisor", `the supervisor did not start; see ${supervisorLog(lab)}`);
}

/** One request to the supervisor. Throws LabError `lab/supervisor` when it refuses or is not there. */
export async function askSupervisor(
  lab: string,
  request: SupervisorRequest,
): Promise<readonly ProgramState[]> {
  const reply = await exchange(supervisorSocket(lab), request);
  if (!reply.ok) throw new LabError("lab/supervisor", reply.reason);
  return reply.programs;
}

/** Ends the supervisor: by request, and by signal when it does not answer. Idempotent. */
export async function endSupervisor(lab: string): Promise<void> {
  const pid = await supervisorPid(lab);
  await tryAsk(lab, { op: "shutdown" });
  if (pid === undefined) return;
  for (let attempt = 0; attempt < 40; attempt++) {
    if (!(await isSupervisor(pid, lab))) return;
    if (attempt === 20) process.kill(pid, "SIGKILL");
    await sleep(25);
  }
}

async function tryAsk(lab: string, request: SupervisorRequest): Promise<boolean> {
  return askSupervisor(lab, request).then(
    () => true,
    () => false,
  );
}

async function supervisorPid(lab: string): Promise<number | undefined> {
  const text = await readFile(supervisorPidFile(lab), "utf8").catch(() => "");
  const pid = Number(text);
  return pid > 1 && (await isSupervisor(pid, lab)) ? pid : undefined;
}

/** A pid from a file may long belong to somebody else: its command line decides. */
async function isSupervisor(pid: number, lab: string): Promise<boolean> {
  const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
  return argv[1] === MAIN && argv[2] === lab;
}

async function exchange(path: string, request: SupervisorRequest): Promise<SupervisorAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<SupervisorAnswer>();
  const socket = connect(path);
  let text = "";
  socket.setEncoding("utf8").setTimeout(15_000, () => socket.destroy(new Error("no answer in 15 s")));
  socket.on("error", (cause) =>
    reject(new LabError("lab/supervisor", `the lab's supervisor: ${cause.message}`, { cause })),
  );
  socket.on("close", () => reject(new LabError("lab/supervisor", "the supervisor hung up")));
  socket.on("data", (more: string) => {
    text += more;
    if (text.endsWith("\n")) resolve(JSON.parse(text) as SupervisorAnswer);
  });
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
