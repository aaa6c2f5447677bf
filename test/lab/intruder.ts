import { createPrivateKey } from "node:crypto";
import { text } from "node:stream/consumers";
import { mqttAs } from "../controller/raw-node.ts";

/** What an intruder tries in one connection. The key comes by standard input, never on a command line. */
export interface Attempt {
  readonly label: string;
  readonly url: string;
  readonly clientId: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
  readonly will?: string;
  /** Filters to subscribe to. */
  readonly listen: readonly string[];
  /** One message, sent until the broker acknowledges it or closes. */
  readonly say?: { readonly topic: string; readonly payload: string };
}

/** How it went. */
export interface Attempted {
  readonly label: string;
  readonly connected: boolean;
  /** Filters that were granted. */
  readonly granted: readonly string[];
  /** Messages that came. */
  readonly heard: number;
  /** The broker acknowledged what was said. */
  readonly acknowledged: boolean;
}

const LISTEN_MS = 500;

async function attempt(one: Attempt): Promise<Attempted> {
  const credentials = { key: createPrivateKey(one.key), certificate: one.certificate, ca: one.ca };
  const tried = await mqttAs(one.url, one.clientId, credentials, one.will);
  const { label } = one;
  if ("refused" in tried) return { label, connected: false, granted: [], heard: 0, acknowledged: false };
  const { client } = tried;
  let heard = 0;
  client.on("message", () => heard++);
  client.on("error", () => {});
  try {
    const granted: string[] = [];
    for (const filter of one.listen) {
      const answer = await client.subscribeAsync(filter, { qos: 1 }).catch(() => []);
      if (answer.some(({ qos }) => qos < 128)) granted.push(filter);
    }
    await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
    const acknowledged = one.say !== undefined && (await say(client, one.say));
    return { label, connected: true, granted, heard, acknowledged };
  } finally {
    client.end(true);
  }
}

async function say(
  client: Extract<Awaited<ReturnType<typeof mqttAs>>, { client: unknown }>["client"],
  { topic, payload }: { readonly topic: string; readonly payload: string },
): Promise<boolean> {
  if (!client.connected) return false;
  return new Promise((resolve) => {
    client.once("close", () => resolve(false));
    client.publish(topic, payload, { qos: 1, retain: true }, (error) => resolve(!error));
  });
}

const attempts = JSON.parse(await text(process.stdin)) as readonly Attempt[];
const outcomes: Attempted[] = [];
for (const one of attempts) outcomes.push(await attempt(one));
process.stdout.write(JSON.stringify(outcomes));
