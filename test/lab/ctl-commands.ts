import process from "node:process";
import { createInterface } from "node:readline";
import { main } from "../../controller/src/cli/program.ts";
import type { RunResult } from "./run.ts";

/**
 * `ctl-commands.ts`: vsixctl for one command after another. A line of standard input is the arguments of one, as JSON; a line of
 * standard output is what came of it. Where starting a program is dear, one of these does for many (ctl-process.ts).
 */

const write = process.stdout.write.bind(process.stdout);

/** What the command would do as a program of its own, its output caught. */
async function runCommand(args: readonly string[]): Promise<RunResult> {
  const said = { stdout: "", stderr: "" };
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write, stderr.write];
  const into = (which: "stdout" | "stderr") => (text: string | Uint8Array) => {
    said[which] += String(text);
    return true;
  };
  process.argv = [process.execPath, "vsixctl", ...args];
  process.exitCode = undefined;
  stdout.write = into("stdout");
  stderr.write = into("stderr");
  try {
    return { code: await main(), ...said };
  } catch (error) {
    said.stderr += error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: 1, ...said };
  } finally {
    stdout.write = out;
    stderr.write = err;
    process.exitCode = undefined;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  write(`${JSON.stringify(await runCommand(JSON.parse(line) as readonly string[]))}\n`);
