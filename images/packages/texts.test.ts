import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AGENT_USAGE } from "../../agent/src/usage.ts";
import { buildProgram } from "../../controller/src/cli/program.ts";
import { type CommandNode, fromCommander, fromUsage } from "./command-tree.ts";
import { bashCompletion } from "./completion.ts";
import { manPage } from "./man.ts";
import { PROGRAMS } from "./program.ts";

const agent = fromUsage("vsix-agent", AGENT_USAGE);
const vsixctl = fromCommander(buildProgram());

/** What bash offers for the last of these words. */
function completed(program: CommandNode, ...words: readonly string[]): readonly string[] {
  const script = `${bashCompletion(program)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${program.name.replaceAll("-", "_")}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["-eu", "-c", script, "bash", program.name, ...words], { encoding: "utf8" });
  assert.deepEqual([run.status, run.stderr], [0, ""]);
  return run.stdout.trim().split("\n");
}

test("bash completes commands, sub-commands and their options", () => {
  assert.deepEqual(completed(agent, "en"), ["enrol"]);
  assert.deepEqual(completed(agent, "enrol", "--t"), ["--token-file"]);
  assert.deepEqual(completed(agent, "run", "--c"), ["--config"]);
  assert.deepEqual(completed(agent, "epe", "o"), ["off", "on"]);
  assert.deepEqual(completed(agent, "epe", "off", "--js"), ["--json"]);
  assert.deepEqual(completed(agent, "watch", "--state", "DIR", "si"), ["silence"]);
  assert.deepEqual(completed(vsixctl, "edge", "st"), ["steer"]);
  assert.deepEqual(completed(vsixctl, "edge", "steer", "edge-1", "--pl"), ["--plane"]);
});

test("behind an option with a value nothing is offered, so that bash completes files", () => {
  assert.deepEqual(completed(agent, "run", "--config", ""), [""]);
  assert.deepEqual(completed(vsixctl, "apply", "--ca", ""), [""]);
});

test("every command of the usage is there", () => {
  const first = [...AGENT_USAGE.matchAll(/^ {2}vsix-agent ([a-z]+)/gm)].map(([, word]) => word);
  assert.ok(first.length > 10);
  const known = new Set(agent.commands.map(({ name }) => name));
  assert.deepEqual(
    first.filter((word) => !known.has(word ?? "")),
    [],
  );
});

test("text of a manual page is never taken for a request", () => {
  const page = manPage({
    name: "x",
    section: 1,
    summary: "a-b",
    epochS: 0,
    version: "1",
    sections: [{ title: "T", body: [{ text: ".so /etc/passwd" }, { literal: "'a\n\\fB\n.b" }] }],
    seeAlso: ["y(8)"],
  });
  assert.match(page, /^\\&\.so \/etc\/passwd$/m);
  assert.match(page, /^\\&'a\n\\efB\n\\&\.b$/m);
  assert.match(page, /^x \\- a\\-b$/m);
  assert.match(page, /^\.BR y \(8\)$/m);
});

test("every file that a package names is there, and none is left over", () => {
  const folder = join(import.meta.dirname, "files");
  const named = Object.values(PROGRAMS).flatMap(({ files, scripts }) =>
    [...files, ...scripts].map(([from]) => from),
  );
  assert.deepEqual([...new Set(named)].sort(), globSync("*/*", { cwd: folder }).sort());
});

test("shell scripts of the packages parse, and units set nothing twice but what adds up", () => {
  const folder = join(import.meta.dirname, "files");
  for (const path of globSync("*/*", { cwd: folder })) {
    const text = readFileSync(join(folder, path), "utf8");
    if (text.startsWith("#!/bin/sh"))
      assert.equal(spawnSync("sh", ["-n", join(folder, path)]).status, 0, path);
    if (!path.endsWith(".service")) continue;
    const keys = [...text.matchAll(/^(\w+)=/gm)].map(([, key]) => key);
    const twice = keys.filter((key, i) => keys.indexOf(key) !== i && key !== "SystemCallFilter");
    assert.deepEqual(twice, [], path);
    assert.match(text, /^NoNewPrivileges=yes$/m);
    assert.match(text, /^User=vsix-\w+$/m);
  }
});
