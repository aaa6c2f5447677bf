/** The status page's answer to a path, as a host of the LAN gets it: `node ask-page.ts ADDRESS PATH`. Runs in the namespace of that host. */
const [address = "", path = "/"] = process.argv.slice(2);
const { get } = process.getBuiltinModule("node:http");
// A browser takes the zone out of it (RFC 4007 section 11.2 is of this machine alone).
const host = `[${address.replace(/%.*$/, "")}]`;
// What is translated begins after many seconds.
get({ host: address, path, headers: { host }, timeout: 120_000 }, (response) => {
  if (response.statusCode !== 200) process.exitCode = 1;
  response.pipe(process.stdout);
}).on("timeout", function (this: { destroy(error: Error): void }) {
  this.destroy(new Error("no answer within two minutes"));
});
