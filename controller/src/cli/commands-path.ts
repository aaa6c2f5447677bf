import { readFile } from "node:fs/promises";
import process from "node:process";
import { formatTrace } from "@vsix/shared/paths/show-trace.ts";
import { type Command, InvalidArgumentError } from "commander";
import type { ExpectedAnswer, ExpectedFileAnswer, LearnAnswer, TracesAnswer } from "../http/schemas-path.ts";
import { CliError, EXIT } from "./client.ts";
import { addPathWatchCommands, pairOf } from "./commands-path-watch.ts";
import { spanToMs, wholeNumber } from "./numbers.ts";
import { paint, print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** path …: what is expected of paths, and what was seen of them. */
export function addPathCommands(program: Command): void {
  const path = program.command("path").description("the ways that packets take: expected, traced, watched");
  addPathWatchCommands(path);

  addCommonOptions(path.command("apply <file>"))
    .description("check a file of expected paths, and have it traced and watched")
    .option("--dry-run", "only check, and show who would trace what", false)
    .option("--note <text>", "why, for the audit log", "")
    .action(async (file: string, options: { dryRun: boolean; note: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const text = await readFile(file, "utf8").catch((error: Error) => {
        throw new CliError(EXIT.refused, `${file}: ${error.message}`);
      });
      const { dryRun, note } = options;
      const answer = await api.post<ExpectedAnswer>("/v1/paths/expected", { text, file, note, dryRun });
      if (json) printJson(answer);
      else print(showExpected(answer));
    });

  addCommonOptions(path.command("expected"))
    .description("the file of expected paths in force, as it was written")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<ExpectedFileAnswer>("/v1/paths/expected");
      if (json) return printJson(answer);
      const { revision, file, author, at, text, unfit } = answer;
      print(`# revision ${revision} of expected paths: ${file}, by ${author} at ${at}\n${text.trimEnd()}`);
      for (const { line, column, message } of unfit)
        process.stderr.write(`not watched: ${file}:${line}:${column}: ${message}\n`);
    });

  addCommonOptions(path.command("clear"))
    .description("expect nothing any more: nothing is traced or watched")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.delete<ExpectedAnswer>("/v1/paths/expected");
      if (json) printJson(answer);
      else print(showExpected(answer));
    });

  addCommonOptions(path.command("learn"))
    .description("trace for a moment, and write a first file of expected paths to standard output")
    .option("--source <node...>", "from these nodes only; else from every Edge with an agent", [])
    .option("--target <name=address...>", "to these; else to the fabric's measure targets", [])
    .option("--flows <n>", "flows of each trace, 1 to 64", wholeNumber, 8)
    .option("--wait <time>", "at most", spanToMs, 60_000)
    .option("--standalone", "with routers' addresses, for `vsix-agent watch` where there is no fabric", false)
    .action(async (options: LearnOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const { source, target, flows, wait, standalone } = options;
      const targets = target.map(namedAddress);
      process.stderr.write("tracing; this takes some ten seconds\n");
      const body = { sources: [...source], targets, flows, traces: 3, waitMs: wait, standalone };
      const answer = await api.post<LearnAnswer>("/v1/paths/learn", body);
      if (json) printJson(answer);
      else print(answer.text.trimEnd());
      for (const pair of answer.missing)
        process.stderr.write(`no trace came from ${pair.source} to ${pair.target}: it is not in the file\n`);
      if (answer.missing.length > 0) process.exitCode = EXIT.notObserved;
    });

  addCommonOptions(path.command("traces"))
    .description("the newest trace of each source and target, as `vsix-agent trace` shows it")
    .option("--source <node>", "only from this node")
    .option("--target <name>", "only to this target")
    .action(async (options: { source?: string; target?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams(pairOf(options));
      const answer = await api.get<TracesAnswer>(`/v1/paths/traces?${query}`);
      if (json) printJson(answer);
      else print(showTraces(answer));
    });
}

export function showTraces({ traces, missing }: TracesAnswer): string {
  const shown = traces.map(
    ({ ageMs, trace }) =>
      `${paint("bold", `${trace.source} to ${trace.target}`)}, ${Math.round(ageMs / 1000)} s ago\n${formatTrace(trace).trimEnd()}`,
  );
  const waited = missing.map(({ source, target }) => `${source} to ${target}: no trace has come yet`);
  if (shown.length + waited.length === 0)
    return "nothing is traced: `vsixctl path apply FILE` says what to expect, `vsixctl path learn` writes a first file";
  return [...shown, ...(waited.length === 0 ? [] : [waited.join("\n")])].join("\n\n");
}

interface LearnOptions {
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly flows: number;
  readonly wait: number;
  readonly standalone: boolean;
}

/** `wide=2001:db8::1` */
function namedAddress(text: string): { readonly name: string; readonly address: string } {
  const [, name = "", address = ""] = /^([a-z][a-z0-9-]{0,62})=([0-9a-fA-F:.]{2,64})$/.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError(`${JSON.stringify(text)}: wants NAME=ADDRESS`);
  return { name, address };
}

export function showExpected(answer: ExpectedAnswer): string {
  const { dryRun, stored, revision, entries, nodes, changed, published } = answer;
  const table = formatTable(
    ["NODE", "TARGETS", "FLOWS/S"],
    nodes.map(({ node, targets, flowsPerS }) => [node, String(targets), flowsPerS.toFixed(1)]),
  );
  const paths = `${entries} expected path${entries === 1 ? "" : "s"}`;
  const told = `${changed.length} node${changed.length === 1 ? "" : "s"}`;
  if (dryRun) return `${table}\ndry run: ${paths}, ${told} would be told, nothing is stored`.trimStart();
  if (!stored) return `revision ${revision} is this very file; nothing to do`;
  const how = published ? "published" : paint("yellow", "stored; publishing still goes on");
  if (revision === 0) return `nothing is expected any more; ${told} told, ${how}`;
  return `${table}\nrevision ${revision}: ${paths}, ${told} told, ${how}`.trimStart();
}
