import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { formatFault } from "../fabric/fault.ts";
import { parseReceivers, type ReceiversResult, readReceivers } from "./receivers-file.ts";

const example = readFileSync(new URL("../../../examples/watch/notify.yaml", import.meta.url), "utf8");
const SLACK_URL = "https://hooks.example.org/T0/hidden";
const SECRET = "hidden and long enough";

const SECRETS: Readonly<Record<string, string>> = { "slack.url": SLACK_URL, "on-call.secret": SECRET };

function parse(text: string, secrets = SECRETS, shared = true): ReceiversResult {
  return parseReceivers(text, "notify.yaml", {
    readSecret: (path) => {
      const secret = secrets[path];
      return secret === undefined ? { fault: `${path} cannot be read (ENOENT)` } : { secret };
    },
    shared,
  });
}

const shownFaults = (result: ReceiversResult): string =>
  result.ok ? "" : result.faults.map(formatFault).join("\n");

test("the example is read, with its secrets", () => {
  const result = parse(example);
  assert.ok(result.ok, shownFaults(result));
  assert.deepEqual(result.receivers, [
    { name: "noc-chat", format: "slack", url: SLACK_URL, heartbeatMs: 86_400_000, allowLoopbackHttp: false },
    {
      name: "on-call",
      format: "json",
      url: "https://alarms.example.org/vsix",
      secret: SECRET,
      heartbeatMs: 60_000,
      allowLoopbackHttp: false,
    },
    {
      name: "relay",
      format: "json",
      url: "http://[::1]:9093/vsix",
      secret: SECRET,
      allowLoopbackHttp: true,
    },
  ]);
});

/** What to change in the example, and then: text in the line of the fault, and what it says. */
const BAD: readonly (readonly [title: string, from: string, to: string, line: string, says: RegExp])[] = [
  ["another version", "version: 1", "version: 2", "version: 2", /version 2 is not known/],
  ["an unknown key", "heartbeatS: 60", "heartbeat: 60", "heartbeat: 60", /did you mean heartbeatS/],
  [
    "a secret in it",
    "secretFile: on-call.secret\n",
    "secret: abc\n",
    "secret: abc",
    /`secret` is not known here.*secretFile/,
  ],
  ["one name twice", "name: relay", "name: on-call", "name: on-call, format", /already; rename one/],
  ["an unknown format", "format: slack", "format: irc", "irc", /"irc" is not one of slack, json/],
  ["nowhere to post", "    url: https://alarms.example.org/vsix\n", "", "- name: on-call", /give urlFile/],
  ["two places to post", "urlFile: slack.url", `urlFile: slack.url, url: "x:"`, "x:", /keep one of the two/],
  ["plain HTTP", "https://alarms", "http://alarms", "http://alarms", /must begin with https/],
  ["HTTP in spite of the switch", "http://[::1]:9093", "http://[::2]:9093", "[::2]", /must begin with https/],
  ["a password in the URL", "https://alarms", "https://a:b@alarms", "a:b@", /no user or password/],
  ["no URL", "https://alarms.example.org/vsix", "alarms", "url: alarms", /its URL is none/],
  ["an unsigned json receiver", "    secretFile: on-call.secret\n", "", "- name: on-call", /give secretFile/],
  ["a secret that is not there", "urlFile: slack.url", "urlFile: x.url", "x.url", /ENOENT/],
  ["a heartbeat of nothing", "heartbeatS: 60", "heartbeatS: 0", "heartbeatS: 0", /whole number from 1/],
];

for (const [title, from, to, lineHas, says] of BAD) {
  test(`a file with ${title} is refused with the line and what would be right`, () => {
    assert.ok(example.includes(from), `the example has no ${JSON.stringify(from)}`);
    const text = example.replace(from, () => to);
    const result = parse(text);
    assert.ok(!result.ok, "the file is taken");
    const line = text.slice(0, text.indexOf(lineHas)).split("\n").length;
    assert.ok(
      result.faults.some((fault) => fault.line === line && says.test(fault.message)),
      `line ${line}: ${shownFaults(result)}`,
    );
  });
}

test("a Slack URL stands only where nobody else reads it", () => {
  const text = example.replace("urlFile: slack.url", `url: "${SLACK_URL}"`);
  const others = parse(text);
  assert.match(shownFaults(others), /this URL is a secret.*chmod 600/);
  assert.doesNotMatch(shownFaults(others), /hidden/);
  assert.ok(parse(text, SECRETS, false).ok);
});

test("a secret that is too short, or a URL that is none, is told at the file's name and not shown", () => {
  const result = parse(example, { "slack.url": "hidden", "on-call.secret": "hidden" });
  assert.match(shownFaults(result), /:8:\d+: its URL is none.*at least 16 characters/s);
  assert.doesNotMatch(shownFaults(result), /hidden/);
});

test("secrets are read beside the file, and only where nobody else may read them", () => {
  const folder = mkdtempSync(join(tmpdir(), "vt-receivers-"));
  const file = join(folder, "notify.yaml");
  const put = (name: string, text: string | Buffer, mode: number): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  try {
    assert.match(shownFaults(readReceivers(file)), /notify.yaml:1:1: cannot be read \(ENOENT\)/);
    put("notify.yaml", example, 0o644);
    put("slack.url", `${SLACK_URL}\n`, 0o600);
    put("on-call.secret", `${SECRET}\n`, 0o400);
    const good = readReceivers(file);
    assert.ok(good.ok, shownFaults(good));
    assert.deepEqual(
      good.receivers.map(({ url, secret }) => [url, secret]),
      [
        [SLACK_URL, undefined],
        ["https://alarms.example.org/vsix", SECRET],
        ["http://[::1]:9093/vsix", SECRET],
      ],
    );
    for (const mode of [0o640, 0o604, 0o602]) {
      put("slack.url", SLACK_URL, mode);
      assert.match(
        shownFaults(readReceivers(file)),
        new RegExp(`:8:\\d+: .*slack.url has mode ${mode.toString(8)}: others may read.*chmod 600`),
      );
    }
    for (const [text, says] of [
      ["", /is empty/],
      ["a\nb", /more than one line/],
      [Buffer.from([0xff, 0xfe, 1]), /more than one line of text/],
      ["a".repeat(5000), /more than 4096 octets/],
    ] as const) {
      put("slack.url", text, 0o600);
      assert.match(shownFaults(readReceivers(file)), says);
    }
    rmSync(join(folder, "slack.url"));
    mkdirSync(join(folder, "slack.url"));
    assert.match(shownFaults(readReceivers(file)), /slack.url is no regular file/);
    rmSync(join(folder, "slack.url"), { recursive: true });
    execFileSync("mkfifo", ["-m", "600", join(folder, "slack.url")]);
    assert.match(shownFaults(readReceivers(file)), /slack.url is no regular file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("hostile files are refused, and no change of a character makes the parser throw", () => {
  for (const text of ["", "[]", "receivers: &a [*a]", "a".repeat(2_000_000), "version: 1\nreceivers: [null]"])
    assert.ok(!parse(text).ok, text.slice(0, 40));
  fc.assert(
    fc.property(fc.nat(example.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      const text = example.slice(0, at) + put + example.slice(at + 1);
      const result = parse(text);
      if (result.ok) return;
      assert.ok(result.faults.length > 0);
      assert.doesNotMatch(shownFaults(result), /hidden/);
      for (const { line, column } of result.faults) assert.ok(line >= 1 && column >= 1);
    }),
    { numRuns: 300 },
  );
});
