import process from "node:process";
import type { Command } from "commander";
import type { MoveAnswer } from "../http/schemas.ts";
import type { EdgeStatus, Status } from "../status/model.ts";
import { EXIT } from "./client.ts";
import { secondsToMs } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showMove } from "./show-change.ts";
import { showEdges, showPlanes } from "./show-status.ts";

const WAIT_TEXT = "how long to wait until it is observed, seconds";
const DEFAULT_WAIT_MS = 10_000;
const EXCEPTION_TEXT = "even during a rollout of it: the Edge leaves the cohort, and that is recorded";

interface Moving {
  readonly wait: number;
  readonly exception: boolean;
}

/** edge …, plane …: what moves traffic. Each waits for what is observed, and exits 4 when it is not in time. */
export function addMoveCommands(program: Command): void {
  const edge = program.command("edge").description("customer-side routers");

  addCommonOptions(edge.command("list"))
    .description("where every Edge is wanted and observed")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ edges: EdgeStatus[] }>("/v1/edges");
      if (json) printJson(answer);
      else print(showEdges(answer.edges));
    });

  addCommonOptions(edge.command("steer <edge>"))
    .description("lead an Edge to a plane")
    .requiredOption("--plane <plane>", "where to")
    .option("--exception", EXCEPTION_TEXT, false)
    .option("--wait <seconds>", WAIT_TEXT, secondsToMs, DEFAULT_WAIT_MS)
    .action(async (name: string, options: { plane: string } & Moving, command: Command) => {
      const { plane: to, wait, exception } = options;
      const body = { plane: to, waitMs: wait, exception };
      await move(command, `/v1/edges/${encodeURIComponent(name)}/steer`, body);
    });

  addCommonOptions(edge.command("release <edge>"))
    .description("let an Edge go back to the plane it prefers")
    .option("--exception", EXCEPTION_TEXT, false)
    .option("--wait <seconds>", WAIT_TEXT, secondsToMs, DEFAULT_WAIT_MS)
    .action(async (name: string, { wait, exception }: Moving, command: Command) => {
      const body = { waitMs: wait, exception };
      await move(command, `/v1/edges/${encodeURIComponent(name)}/release`, body);
    });

  const plane = program.command("plane").description("backbone planes");

  addCommonOptions(plane.command("list"))
    .description("both planes and who is on them")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const { planes } = await api.get<Status>("/v1/status");
      if (json) printJson({ planes });
      else print(showPlanes(planes));
    });

  addCommonOptions(plane.command("drain <plane>"))
    .description("lead every Edge off a plane")
    .option("--force", "even where that leaves an Edge without a working plane", false)
    .option("--exception", "even during a rollout from or to it: ends that, everybody as before", false)
    .option("--wait <seconds>", WAIT_TEXT, secondsToMs, DEFAULT_WAIT_MS)
    .action(async (name: string, options: { force: boolean } & Moving, command: Command) => {
      const { force, wait, exception } = options;
      const body = { force, waitMs: wait, exception };
      await move(command, `/v1/planes/${encodeURIComponent(name)}/drain`, body);
    });

  addCommonOptions(plane.command("undrain <plane>"))
    .description("let Edges use a plane again")
    .option("--wait <seconds>", WAIT_TEXT, secondsToMs, DEFAULT_WAIT_MS)
    .action(async (name: string, options: { wait: number }, command: Command) => {
      await move(command, `/v1/planes/${encodeURIComponent(name)}/undrain`, { waitMs: options.wait });
    });
}

async function move(command: Command, path: string, body: object): Promise<void> {
  const { api, json } = sessionOf(command);
  const answer = await api.post<MoveAnswer>(path, body);
  if (json) printJson(answer);
  else print(showMove(answer));
  if (!answer.observed) process.exitCode = EXIT.notObserved;
}
