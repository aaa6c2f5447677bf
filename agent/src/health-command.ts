import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import type { HealthState } from "@vsix/shared/contract/up-health.ts";
import { checkHealthFile } from "@vsix/shared/fabric/check-health.ts";
import type { Fault, Finding } from "@vsix/shared/fabric/fault.ts";
import { HealthCommandFile } from "@vsix/shared/fabric/health-schema.ts";
import { checkSchema } from "@vsix/shared/fabric/loose.ts";
import { resolveHealth } from "@vsix/shared/fabric/resolve-health.ts";
import { readYaml } from "@vsix/shared/fabric/yaml.ts";
import { ConfigError } from "./config.ts";
import type { Diagnosis } from "./core/health/diagnose.ts";
import { printable } from "./core/health/diagnose.ts";
import type { Result } from "./core/health/model.ts";
import { PUBLIC_HOSTS } from "./core/health/public-hosts.ts";
import { healthReport, subjectOf } from "./core/health/report.ts";
import { writeWhole } from "./io/checked-file.ts";
import { runHealth } from "./sensors/health/health-run.ts";

/** Exit status by state. */
const STATUS: Readonly<Record<HealthState, number>> = { good: 0, unknown: 1, bad: 4, poor: 5 };

/**
 * `vsix-agent health`: one run over all layers, without an agent or a controller.
 * @param args behind the word "health".
 * @returns the exit status: 0 all is well, 5 something is poor, 4 something is broken, 1 nothing could be looked at.
 * @throws ConfigError for wrong usage or a bad file.
 */
export async function healthCommand(args: readonly string[], out: (text: string) => void): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      interface: { type: "string" },
      json: { type: "boolean", default: false },
      keep: { type: "string" },
    },
  });
  const said = values.config === undefined ? PUBLIC_HOSTS : readHealthFile(values.config);
  const part = resolveHealth({
    ...said,
    ...(values.interface === undefined ? {} : { interface: values.interface }),
  });
  const startedMs = Date.now();
  const { diagnosis, results, tookMs } = await runHealth({
    part,
    ...(values.json
      ? {}
      : { onResult: (result) => out(result.tried || result.excused === true ? lineOf(result) : "") }),
  });
  const facts = { node: hostname(), instance: randomBytes(8).toString("hex"), run: 1, startedMs, tookMs };
  const report = healthReport(facts, diagnosis, results);
  if (values.keep !== undefined) writeWhole(values.keep, Buffer.from(JSON.stringify(report)));
  if (values.json) out(`${JSON.stringify(report, null, 2)}\n`);
  else out(`${untriedOf(results)}${summaryOf(diagnosis, tookMs)}`);
  return STATUS[diagnosis.state];
}

/** Throws ConfigError, which names file, line and field of every fault. */
function readHealthFile(file: string): HealthCommandFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const read = readYaml(text, file);
  if (!read.ok) throw faulty(read.faults);
  const { findings, loose } = checkSchema(HealthCommandFile, read.yaml.value ?? {});
  const all: Finding[] = [...findings];
  if (loose !== undefined) checkHealthFile(loose, [], (finding) => all.push(finding));
  if (all.length > 0) throw faulty(all.map((finding) => read.yaml.locate(finding)));
  return (read.yaml.value ?? {}) as HealthCommandFile;
}

function faulty(faults: readonly Fault[]): ConfigError {
  return new ConfigError(
    faults
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .map(({ file, line, column, path, message }) => `${file}:${line}:${column}: ${path}: ${message}`)
      .join("\n"),
  );
}

const MARK: Readonly<Record<HealthState, string>> = {
  good: "ok  ",
  poor: "POOR",
  bad: "BAD ",
  unknown: "-   ",
};

function lineOf({ check, state, text }: Result): string {
  return `${MARK[state]} ${check.layer.padEnd(11)} ${printable(subjectOf(check))}: ${printable(text)}\n`;
}

/** What was not tried: a line for each layer and cause, for there may be many. */
function untriedOf(results: readonly Result[]): string {
  const counts = new Map<string, number>();
  for (const { check, tried, excused, text } of results) {
    if (tried || excused === true) continue;
    const key = `${check.layer.padEnd(11)} %: ${printable(text)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(
      ([key, count]) =>
        `${MARK.unknown} ${key.replace("%", `${count} ${count === 1 ? "check" : "checks"}`)}\n`,
    )
    .join("");
}

function summaryOf({ state, verdicts, layers }: Diagnosis, tookMs: number): string {
  const words = layers.map(({ layer, state: one }) => `${layer} ${one === "unknown" ? "-" : one}`);
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  const said =
    verdicts.length > 0
      ? verdicts
          .map((verdict) => `${verdict.state === "bad" ? "BAD:  " : "POOR: "}${verdict.text}\n`)
          .join("")
      : state === "good"
        ? "all is well\n"
        : "nothing could be looked at\n";
  return `\n${words.join(", ")} (${took})\n${said}`;
}
