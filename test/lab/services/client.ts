import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { inNamespace, mustRun } from "../run.ts";
import { CLIENT_NODE } from "./outside.ts";

/** What one question came to, as the asker saw it. */
export interface Asked {
  /** `AAAA/native.v6.example`. */
  readonly question: string;
  /** `ok`, or c-ares' word: ENODATA, ENOTFOUND, ESERVFAIL, EREFUSED, ETIMEOUT. */
  readonly status: string;
  /** Sorted. */
  readonly answers: readonly string[];
  readonly ms: number;
}

/** Asks a resolver from a namespace of the lab, the client's unless told. */
export async function ask(
  lab: Lab,
  server: string,
  questions: readonly string[],
  from: string = CLIENT_NODE,
): Promise<readonly Asked[]> {
  const script = join(import.meta.dirname, "ask.ts");
  const [file = NODE, ...args] = inNamespace(namespaceName(lab.name, from), [
    NODE,
    script,
    server,
    ...questions,
  ]);
  const said = await mustRun(file, args);
  return said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Asked);
}

/** What a stream of questions came to. */
export interface StreamFigures {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly rcodes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Between two answers. */
  readonly longestGapMs: number;
}

export interface AskStream extends AsyncDisposable {
  /** Ends it and says what it came to. */
  stop(): Promise<StreamFigures>;
}

/** Asks for new names below `zone` all the time. */
export function startAskStream(
  lab: Lab,
  server: string,
  zone: string,
  everyMs: number,
  from: string = CLIENT_NODE,
): AskStream {
  const [file = NODE, ...args] = streamCommand(lab, from, [server, zone, String(everyMs)]);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    stop: async () => {
      child.stdin.end();
      await ended;
      if (said === "") throw new LabError("lab/command-failed", `ask-stream: exit ${child.exitCode}`);
      return JSON.parse(said) as StreamFigures;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Asks so many questions and says what came of them. */
export async function askSome(
  lab: Lab,
  server: string,
  zone: string,
  count: number,
  from: string = CLIENT_NODE,
): Promise<StreamFigures> {
  const [file = NODE, ...args] = streamCommand(lab, from, [server, zone, "20", String(count)]);
  return JSON.parse(await mustRun(file, args)) as StreamFigures;
}

function streamCommand(lab: Lab, from: string, words: readonly string[]): readonly string[] {
  const script = join(import.meta.dirname, "ask-stream.ts");
  return inNamespace(namespaceName(lab.name, from), [NODE, script, ...words]);
}

/** What one connection came to. */
export interface FetchFigures {
  readonly octets: number;
  /** Octets that were not what was sent. */
  readonly wrong: number;
  /** Null: it ended well. */
  readonly error: string | null;
  readonly ms: number;
  readonly longestGapMs: number;
}

/** One connection of `count` octets at `ratePerS` octets a second, from a namespace of the lab. */
export async function fetchBytes(
  lab: Lab,
  from: string,
  host: string,
  count: number,
  ratePerS: number,
): Promise<FetchFigures> {
  const url = `http://${host}/bytes?count=${count}&rate=${ratePerS}`;
  return JSON.parse(await mustRun("ip", scriptIn(lab, from, "fetch.ts", url))) as FetchFigures;
}

/** Whom the web server at the other end sees. */
export async function fetchWho(lab: Lab, from: string, host: string, timeoutMs = 10_000): Promise<string> {
  const script = "const r = await fetch(process.argv[1]); process.stdout.write(await r.text())";
  const [, ...args] = inNamespace(namespaceName(lab.name, from), [
    NODE,
    "--input-type=module",
    "-e",
    script,
    `http://${host}/`,
  ]);
  return (await mustRun("ip", args, { timeoutMs })).trim();
}

function scriptIn(lab: Lab, from: string, script: string, ...words: readonly string[]): readonly string[] {
  const file = join(import.meta.dirname, script);
  const [, ...args] = inNamespace(namespaceName(lab.name, from), [NODE, file, ...words]);
  return args;
}
