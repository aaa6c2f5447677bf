import { Progress, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Pool } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { accessTexts } from "./access.texts.ts";
import { poolsQuery } from "./access-queries.ts";

/** How full the pools are that users' prefixes come from. */
export function PoolsPage() {
  const t = useTexts(accessTexts);
  const pools = useQuery(poolsQuery);
  return (
    <Page title={t("pools")}>
      <Answer of={pools} isEmpty={(data) => data.pools.length === 0} empty={<Text>{t("no-pools")}</Text>}>
        {(data) => (
          <WideTable
            label={t("pools")}
            minWidth={860}
            head={[t("pool"), t("purpose"), t("site"), t("prefix"), t("taken"), t("capacity"), t("prefixes")]}
          >
            {data.pools.map((pool) => (
              <PoolRow key={pool.name} pool={pool} />
            ))}
          </WideTable>
        )}
      </Answer>
    </Page>
  );
}

/** Beyond it somebody has to think of another pool. */
const FULL = 0.8;

function PoolRow({ pool }: { readonly pool: Pool }) {
  const t = useTexts(accessTexts);
  const format = useFormat();
  const { name, purpose, site, prefix, length, utilisation: use } = pool;
  const share = use?.share ?? 0;
  const counts = use?.prefixes;
  const sum = counts === undefined ? 0 : counts.active + counts.reserved + counts.quarantine + counts.revoked;
  return (
    <Table.Tr data-pool={name}>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>{purpose}</Table.Td>
      <Table.Td>{site ?? "–"}</Table.Td>
      <Table.Td>
        {prefix} → /{length}
      </Table.Td>
      <Table.Td miw={140}>
        <Text size="sm">
          {share >= FULL && "▲ "}
          {format.number(Math.round(share * 1000) / 10)} %
        </Text>
        <Progress
          value={share * 100}
          color={share >= FULL ? "red.9" : "indigo.8"}
          aria-label={`${t("taken")}: ${name}`}
        />
      </Table.Td>
      <Table.Td>
        {format.number(sum)} / {format.number(use?.capacity ?? 0)}
      </Table.Td>
      <Table.Td>{counts !== undefined && t("quarantine", { ...counts })}</Table.Td>
    </Table.Tr>
  );
}
