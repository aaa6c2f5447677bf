import type { Change, Outcome } from "../../core/kind.ts";
import { NFT_TABLE } from "../../core/ownership.ts";
import type { Driver } from "../driver.ts";
import { hasOwnTable, parseTable } from "./listing.ts";
import { type Json, type NftRuleset, normaliseRuleset } from "./model.ts";
import { type NftCommand, NftError, runNft, runNftTransaction } from "./nft.ts";
import { deleteCommands, replaceCommands, wakeCommands } from "./transaction.ts";

/**
 * Driver of the table `inet vsix` through the nft program. A change is one atomic transaction; all other tables are
 * left alone. `observe` throws NftError where nft is missing or fails, VsixError `nft-output` where it talks nonsense.
 */
export function nftablesDriver(command: NftCommand = ["nft"]): Driver<NftRuleset> {
  return {
    async observe(signal) {
      if (!hasOwnTable(await runNft(command, ["list", "tables", "inet"], signal))) return [];
      const listing = await runNft(command, ["-j", "list", "table", "inet", NFT_TABLE], signal);
      return [normaliseRuleset(parseTable(listing))];
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        outcomes.push(await applyOne(command, change, signal));
      }
      return outcomes;
    },
  };
}

async function applyOne(
  command: NftCommand,
  change: Change<NftRuleset>,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    for (const transaction of transactionsOf(change)) {
      await runNftTransaction(command, JSON.stringify(transaction), signal);
    }
    return { key: change.key, ok: true };
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    return { key: change.key, ok: false, errno: error.errno, reason: error.message };
  }
}

function transactionsOf(change: Change<NftRuleset>): readonly Json[] {
  switch (change.op) {
    case "create":
      return [replaceCommands(change.desired, undefined)];
    case "replace": {
      const flagged = change.observed.strange.some(({ kind }) => kind === "flags");
      const replace = replaceCommands(change.desired, change.observed);
      return flagged ? [wakeCommands(), replace] : [replace];
    }
    case "delete":
      return [deleteCommands()];
  }
}
