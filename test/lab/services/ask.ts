import { Resolver } from "node:dns/promises";

/**
 * Asks a resolver and prints a JSON line for each question, in order: `node ask.ts SERVER AAAA/NAME A/NAME …`. Runs in the namespace of
 * whoever asks.
 */
const [server = "", ...questions] = process.argv.slice(2);

for (const question of questions) {
  const [type = "AAAA", name = ""] = question.split("/");
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([`[${server}]:53`]);
  const begun = performance.now();
  let outcome: object;
  try {
    const answers = (await resolver.resolve(name, type)) as readonly unknown[];
    outcome = { status: "ok", answers: answers.map(String).sort() };
  } catch (error) {
    outcome = { status: (error as NodeJS.ErrnoException).code ?? "?", answers: [] };
  }
  const ms = Math.round(performance.now() - begun);
  process.stdout.write(`${JSON.stringify({ question, ...outcome, ms })}\n`);
}
