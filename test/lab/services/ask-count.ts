import { createSocket } from "node:dgram";

/**
 * Sends each question COUNT times, once each, never again, and prints a JSON object: what was sent and what was answered, by question.
 * `node ask-count.ts SERVER COUNT EVERY_MS TYPE/NAME…`.
 */
const [server = "", count = "1", every = "10", ...questions] = process.argv.slice(2);
const PATIENCE_MS = 5_000;
const TYPES: Readonly<Record<string, number>> = { A: 1, AAAA: 28, HTTPS: 65 };

const socket = createSocket("udp6");
const waiting = new Map<number, string>();
const sent: Record<string, number> = {};
const answered: Record<string, number> = {};

function encode(id: number, question: string): Buffer {
  const [type = "", name = ""] = question.split("/");
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const header = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, TYPES[type] ?? 1, 0, 1])]);
}

socket.on("message", (message) => {
  const question = waiting.get(message.readUInt16BE(0));
  if (question === undefined) return;
  waiting.delete(message.readUInt16BE(0));
  answered[question] = (answered[question] ?? 0) + 1;
});
// An address where nobody is answers with ICMP; the question has been asked all the same.
socket.on("error", () => {});

let id = 0;
for (let round = 0; round < Number(count); round++)
  for (const question of questions) {
    const bytes = encode(id, question);
    waiting.set(id++, question);
    await new Promise<void>((resolve) => socket.send(bytes, 53, server, () => resolve()));
    sent[question] = (sent[question] ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve, Number(every)));
  }
for (let waited = 0; waiting.size > 0 && waited < PATIENCE_MS; waited += 50)
  await new Promise((resolve) => setTimeout(resolve, 50));
process.stdout.write(`${JSON.stringify({ sent, answered })}\n`);
socket.close();
