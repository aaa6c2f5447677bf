import { createSocket } from "node:dgram";

/**
 * Asks for AAAA records of names that no cache has seen, at a constant rate, until standard input ends or `count` are sent; then waits
 * for what is under way and prints a JSON object. `node ask-stream.ts SERVER ZONE EVERY_MS [COUNT]`.
 *
 * An answer counts when it comes from the server that was asked, with the number and for the socket of a question under way.
 */
const [server = "", zone = "", every = "20", most = "Infinity"] = process.argv.slice(2);
const EVERY_MS = Number(every);
const PATIENCE_MS = 2000;
const QR = 0x8000;
const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

const socket = createSocket("udp6");
const waiting = new Map<number, number>();
const rcodes: Record<string, number> = {};
const lostAtMs: number[] = [];
let sent = 0;
let answered = 0;
let slowestMs = 0;
let lastAnswerMs = performance.now();
let longestGapMs = 0;

function question(id: number): Buffer {
  const labels = `u${process.pid}-${sent}.${zone}`.split(".").filter((label) => label !== "");
  const name = Buffer.concat(labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])));
  const header = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, name, Buffer.from([0, 0, 28, 0, 1])]);
}

function expire(nowMs: number): void {
  for (const [id, atMs] of waiting) {
    if (nowMs - atMs < PATIENCE_MS) break;
    waiting.delete(id);
    lostAtMs.push(Math.round(atMs));
  }
}

socket.on("message", (message, { address }) => {
  if (message.length < 12 || address !== server || (message.readUInt16BE(2) & QR) === 0) return;
  const id = message.readUInt16BE(0);
  const atMs = waiting.get(id);
  if (atMs === undefined) return;
  waiting.delete(id);
  const nowMs = performance.now();
  answered++;
  slowestMs = Math.max(slowestMs, nowMs - atMs);
  longestGapMs = Math.max(longestGapMs, nowMs - lastAnswerMs);
  lastAnswerMs = nowMs;
  const rcode = RCODES[message.readUInt16BE(2) & 15] ?? "?";
  rcodes[rcode] = (rcodes[rcode] ?? 0) + 1;
});

const timer = setInterval(() => {
  const nowMs = performance.now();
  expire(nowMs);
  if (sent >= Number(most)) return finish();
  const id = sent & 0xffff;
  waiting.set(id, nowMs);
  socket.send(question(id), 53, server);
  sent++;
}, EVERY_MS);

function finish(): void {
  clearInterval(timer);
  const begunMs = performance.now();
  const wait = setInterval(() => {
    if (waiting.size > 0 && performance.now() - begunMs < PATIENCE_MS) return;
    clearInterval(wait);
    const lost = sent - answered;
    const figures = { sent, answered, lost, rcodes, slowestMs: Math.round(slowestMs) };
    process.stdout.write(`${JSON.stringify({ ...figures, longestGapMs: Math.round(longestGapMs) })}\n`);
    process.exit(0);
  }, 20);
}

if (most === "Infinity") process.stdin.resume().on("end", finish);
