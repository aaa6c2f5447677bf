import { readFile, writeFile } from "node:fs/promises";
import type { Bundle } from "@vsix/shared/contract/bundle.ts";
import type { Command } from "commander";
import type { ApplyAnswer, RevisionsAnswer } from "../http/schemas.ts";
import type { NodeStatus, Status } from "../status/model.ts";
import { CliError, EXIT } from "./client.ts";
import { addIdentityCommands } from "./commands-identity.ts";
import { CONFIRM_TEXT, followTrial, within } from "./follow-trial.ts";
import { confirmSeconds, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showApply } from "./show-change.ts";
import { type NodeAnswer, showNode } from "./show-node.ts";
import { showNodes, showStatus } from "./show-status.ts";
import { formatTable } from "./table.ts";

/** apply, history, rollback, status, node …. */
export function addFabricCommands(program: Command): void {
  addCommonOptions(program.command("apply <file>"))
    .description("check a fabric file, show what changes on each node, store a revision and publish it")
    .option("--dry-run", "only show", false)
    .option("--note <text>", "why, for the history", "")
    .option(
      "--plane <plane>",
      "only what the file says of this plane; nodes of other planes keep what they have",
    )
    .option("--full", "do not shorten lines", false)
    .option("--confirm <seconds>", CONFIRM_TEXT, confirmSeconds)
    .action(
      async (
        file: string,
        options: { dryRun: boolean; note: string; plane?: string; full: boolean; confirm?: number },
        command: Command,
      ) => {
        const { api, json } = sessionOf(command);
        const text = await readFile(file, "utf8").catch((error: Error) => {
          throw new CliError(EXIT.refused, `${file}: ${error.message}`);
        });
        const { dryRun, note, plane } = options;
        const only = plane === undefined ? {} : { plane };
        const body = { text, file, note, dryRun, ...only, ...within(options.confirm) };
        const answer = await api.post<ApplyAnswer>("/v1/fabric", body);
        const onTrial = options.confirm !== undefined && answer.stored;
        if (!json) print(showApply(answer, options.full));
        if (onTrial) await followTrial(api, answer, json);
        else if (json) printJson(answer);
      },
    );

  addCommonOptions(program.command("history"))
    .description("revisions of the fabric, newest first")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action(async (options: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<RevisionsAnswer>(`/v1/revisions?limit=${options.limit}`);
      if (json) return printJson(answer);
      const rows = answer.revisions.map(({ revision, at, author, file, note, madeOf }) => [
        `${revision}${revision === answer.current ? "*" : ""}`,
        showMadeOf(madeOf),
        at,
        author,
        file,
        note,
      ]);
      print(formatTable(["REVISION", "OF", "AT", "BY", "FILE", "NOTE"], rows));
    });

  addCommonOptions(program.command("rollback <revision>"))
    .description("put an earlier revision in force again, as a new one")
    .option("--full", "do not shorten lines", false)
    .option("--confirm <seconds>", CONFIRM_TEXT, confirmSeconds)
    .action(async (revision: string, options: { full: boolean; confirm?: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const body = { revision: wholeNumber(revision), ...within(options.confirm) };
      const answer = await api.post<ApplyAnswer>("/v1/rollback", body);
      const onTrial = options.confirm !== undefined && answer.stored;
      if (!json) print(showApply(answer, options.full));
      if (onTrial) await followTrial(api, answer, json);
      else if (json) printJson(answer);
    });

  addCommonOptions(program.command("status"))
    .description("the whole network: what is wanted and what is observed; exit 0 whether ready or not")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const status = await api.get<Status>("/v1/status");
      if (json) printJson(status);
      else print(showStatus(status));
    });

  addNodeCommands(program);
}

/** `all`, or `green 3, else 1`. */
function showMadeOf(madeOf: RevisionsAnswer["revisions"][number]["madeOf"]): string {
  if (madeOf === null) return "all";
  const planes = Object.entries(madeOf.planes).map(([plane, revision]) => `${plane} ${revision}`);
  return `${planes.join(", ")}, else ${madeOf.base}`;
}

function addNodeCommands(program: Command): void {
  const node = program.command("node").description("routers that run our agent");
  addIdentityCommands(node);

  addCommonOptions(node.command("list"))
    .description("all of them")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ nodes: NodeStatus[] }>("/v1/nodes");
      if (json) printJson(answer);
      else print(showNodes(answer.nodes));
    });

  addCommonOptions(node.command("show <name>"))
    .description("one node's report and conditions")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<NodeAnswer>(`/v1/nodes/${encodeURIComponent(name)}`);
      if (json) printJson(answer);
      else print(showNode(answer));
    });

  addCommonOptions(node.command("bundle <name>"))
    .description("what the node needs to start without a controller in reach")
    .requiredOption("--out <file>", "where to write it")
    .action(async (name: string, options: { out: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const bundle = await api.get<Bundle>(`/v1/nodes/${encodeURIComponent(name)}/bundle`);
      await writeFile(options.out, `${JSON.stringify(bundle)}\n`, { mode: 0o600 });
      const parts = bundle.parts.map((part) => part.name);
      if (json) printJson({ node: name, file: options.out, parts });
      else print(`${options.out}: ${name}, parts ${parts.join(", ")}`);
    });
}
