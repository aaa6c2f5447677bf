import { Bench, freePort, QUICK } from "./harness.ts";

/** A controller with TLS everywhere, an enrolment listener and the quick fabric in force. */
export async function tlsBench(): Promise<Bench> {
  const [mqtt, enrol] = [await freePort(), await freePort()];
  const made = await Bench.make(undefined, {
    mqtt: { listen: { host: "127.0.0.1", port: mqtt }, tls: true },
    enrol: { host: "127.0.0.1", port: enrol },
    tls: { names: ["127.0.0.1"] },
  });
  await made.start();
  await made.vsixctl("apply", QUICK);
  return made;
}

/** A claim token, as an operator gets it. */
export async function claimToken(
  on: Bench,
  node: string,
  kind: "enrol" | "rekey" = "enrol",
): Promise<string> {
  return (await on.json<{ token: string }>("node", kind, node)).token;
}
