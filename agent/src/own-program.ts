import { fileURLToPath } from "node:url";

/** The file that `vsix-agent` begins with: beside this one, in a bundle too. */
const OWN_MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url),
);

/** This very program with other words: an argument vector. */
export function ownProgram(...words: readonly string[]): readonly string[] {
  return [process.execPath, ...process.execArgv, OWN_MAIN, ...words];
}
