import { rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { checkLabName } from "./names.ts";
import { Supervised } from "./supervised.ts";
import {
  LINE_LIMIT,
  type SupervisorAnswer,
  type SupervisorRequest,
  supervisorPidFile,
  supervisorSocket,
} from "./supervisor-protocol.ts";

/** The process that owns all daemons of one lab: `supervisor.ts LAB`. It ends by request only. */

const lab = checkLabName(process.argv[2] ?? "");
const programs = new Map<string, Supervised>();

async function answer(request: SupervisorRequest): Promise<SupervisorAnswer> {
  switch (request.op) {
    case "add":
      for (const spec of request.specs) {
        const key = `${spec.node}/${spec.program}`;
        // One that was stopped makes room.
        if ((programs.get(key)?.state().state ?? "stopped") !== "stopped")
          return { ok: false, reason: `${key} exists` };
        const program = new Supervised(spec);
        programs.set(key, program);
        program.start();
      }
      break;
    case "start":
    case "stop":
    case "kill": {
      const program = programs.get(`${request.node}/${request.program}`);
      if (program === undefined)
        return { ok: false, reason: `no program ${request.program} on node ${request.node}` };
      if (request.op === "start") program.start(request.clock);
      else if (request.op === "stop") await program.stop();
      else if (!program.kill())
        return { ok: false, reason: `${request.program} on ${request.node} does not run` };
      break;
    }
    case "status":
      break;
    case "shutdown":
      for (const program of programs.values()) program.end();
      setImmediate(shutDown);
  }
  return { ok: true, programs: [...programs.values()].map((program) => program.state()) };
}

function serve(socket: Socket): void {
  let pending = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    pending += text;
    if (pending.length > LINE_LIMIT) socket.destroy();
    const lines = pending.split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      handle(line).then(
        (reply) => socket.write(`${JSON.stringify(reply)}\n`),
        () => socket.destroy(),
      );
    }
  });
}

async function handle(line: string): Promise<SupervisorAnswer> {
  try {
    return await answer(JSON.parse(line) as SupervisorRequest);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function shutDown(): void {
  server.close();
  rmSync(supervisorSocket(lab), { force: true });
  process.exit(0);
}

// A terminal that goes away or an impatient Ctrl-C of `lab up` is no reason to take the network down.
for (const signal of ["SIGHUP", "SIGINT"] as const) process.on(signal, () => {});
process.on("SIGTERM", () => {
  for (const program of programs.values()) program.end();
  shutDown();
});
const server = createServer(serve);
writeFileSync(supervisorPidFile(lab), `${process.pid}\n`);
server.listen(supervisorSocket(lab));
