import { pino } from "pino";
import { DnsCapture } from "../../agent/src/sensors/dns-capture.ts";
import { SpooledCapture } from "../../agent/src/spool/capture-spool.ts";
import { JournalFiles } from "../../agent/src/spool/journal-files.ts";
import { DnsSpool } from "../../agent/src/spool/spool.ts";
import { parsePart } from "../../shared/src/contract/parse.ts";

/** The capture as the agent has it, in a process that can be killed: DIRECTORY RUNDIR PART. Ends well when its input does. */

const [directory = "", runDir = "", part = ""] = process.argv.slice(2);
const spool = new DnsSpool({ directory, maxOctets: 1 << 26 });
const capture = new DnsCapture({
  spool: new SpooledCapture(spool),
  journals: new JournalFiles(runDir, spool),
  log: pino({ level: "info" }, pino.destination(2)),
  random: () => 7,
  onChange: () => undefined,
});
capture.configure(parsePart("capture", Buffer.from(part)));
process.stdin.resume();
process.stdin.once("end", () => {
  void capture[Symbol.asyncDispose]()
    .then(() => spool.close())
    .then(() => process.exit(0));
});
