import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { COMMANDS, USAGE } from "./cli-commands.ts";
import { LabError } from "./lab-error.ts";

/** `scripts/lab`. Exit status: 0 done, 1 failed, 2 wrong usage; `exec` gives that of its command. */
async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === "--help" || verb === "-h" || verb === "help") {
    console.log(USAGE);
    return verb === undefined ? 2 : 0;
  }
  const command = COMMANDS.get(verb);
  if (command === undefined) throw new LabError("lab/usage", `no command ${verb}`);
  // Everything after NODE in `exec NODE CMD…` belongs to CMD; after the first word of `ctl …`, to vsixctl.
  const { own, foreign } = verb === "exec" || verb === "ctl" ? splitExec(rest) : { own: rest, foreign: [] };
  const { values, positionals } = parse(own);
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (verb !== "scenarios" && process.getuid?.() !== 0)
    throw new LabError("lab/not-root", "the lab makes network namespaces, which needs root");
  return command({ positionals: [...positionals, ...foreign], options: values });
}

function splitExec(args: readonly string[]): { own: readonly string[]; foreign: readonly string[] } {
  let i = 0;
  while (args[i]?.startsWith("-") === true) i += args[i] === "--name" ? 2 : 1;
  return { own: args.slice(0, i + 1), foreign: args.slice(i + 1) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: "string" },
        fabric: { type: "string" },
        broker: { type: "string" },
        json: { type: "boolean", default: false },
        all: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        "cables-only": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new LabError("lab/usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof LabError && error.code === "lab/usage";
    const text = error instanceof VsixError ? error.message : error instanceof Error ? error.stack : error;
    if (process.argv.includes("--json")) {
      const code = error instanceof VsixError ? error.code : "unexpected";
      console.log(JSON.stringify({ ok: false, code, reason: String(text) }));
    } else console.error(`lab: ${text}${usage ? "\nTry `scripts/lab --help`." : ""}`);
    process.exitCode = usage ? 2 : 1;
  },
);
