import { Group, NumberInput, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { Quota } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { projectTexts } from "./project.texts.ts";

/** How many applications for each service a user or a project may have. `most` null: no limit; undefined: as the service says. */
export function Quotas({
  quotas,
  refreshes,
  set,
}: {
  readonly quotas: readonly Quota[];
  readonly refreshes: readonly (readonly string[])[];
  readonly set: (service: Quota["service"], most: number | null | undefined) => Promise<unknown>;
}) {
  const t = useTexts(projectTexts);
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("quotas")}
      </Title>
      <WideTable
        label={t("quotas")}
        minWidth={640}
        head={[t("service"), t("used"), t("policy"), t("approval"), t("what")]}
      >
        {quotas.map(({ service, used, limit, own, approval }) => (
          <Table.Tr key={service} data-quota={service}>
            <Table.Th scope="row">{service}</Table.Th>
            <Table.Td>
              <Mark tone={limit !== null && used >= limit ? "warning" : "good"}>
                {used} / {limit ?? t("unlimited")}
              </Mark>
            </Table.Td>
            <Table.Td>{own ? t("own-quota") : t("policy")}</Table.Td>
            <Table.Td>{approval}</Table.Td>
            <Table.Td>
              <Group gap={6} wrap="nowrap">
                <ChangeQuota service={service} limit={limit} refreshes={refreshes} set={set} />
                {own && (
                  <Confirmed
                    needs="access"
                    label={t("whose-policy")}
                    of={service}
                    refreshes={refreshes}
                    run={() => set(service, undefined)}
                  >
                    <Text>{t("quota-sure")}</Text>
                  </Confirmed>
                )}
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

function ChangeQuota({
  service,
  limit,
  refreshes,
  set,
}: Pick<Parameters<typeof Quotas>[0], "refreshes" | "set"> & Pick<Quota, "service" | "limit">) {
  const t = useTexts(projectTexts);
  const [most, setMost] = useState<number | "">(limit ?? "");
  return (
    <Confirmed
      needs="access"
      label={t("quota")}
      of={service}
      refreshes={refreshes}
      run={() => set(service, most === "" ? null : most)}
    >
      <Text>{t("quota-sure")}</Text>
      <NumberInput
        label={t("most")}
        description={t("most-hint")}
        min={0}
        max={1_000_000}
        allowDecimal={false}
        value={most}
        onChange={(value) => setMost(typeof value === "number" ? value : "")}
      />
    </Confirmed>
  );
}
