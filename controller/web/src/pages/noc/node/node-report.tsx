import { Stack, Table, Text, Title } from "@mantine/core";
import type { NodeDetail } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Mark } from "../../../parts/mark.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { nodeTexts } from "./node.texts.ts";

/** What a node said last: what is not done, its sessions, its ports. */
export function NodeReport({ report, counters }: Pick<NodeDetail, "report" | "counters">) {
  const t = useTexts(nodeTexts);
  const format = useFormat();
  const conditions = report?.conditions ?? [];
  const sessions = report?.sessions ?? [];
  const ports = counters?.links ?? [];
  return (
    <>
      <Stack gap="xs">
        <Title order={2} size="h3">
          {t("conditions")}
        </Title>
        {conditions.length === 0 ? (
          <Text size="sm">{t("no-conditions")}</Text>
        ) : (
          <WideTable label={t("conditions")} minWidth={480} head={[t("object"), t("state"), t("reason")]}>
            {conditions.map(({ object, state, reason }) => (
              <Table.Tr key={`${object} ${state}`}>
                <Table.Th scope="row">{object}</Table.Th>
                <Table.Td>
                  <Mark tone={state === "error" ? "bad" : "warning"}>{state}</Mark>
                </Table.Td>
                <Table.Td>{reason}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Stack>
      <Stack gap="xs">
        <Title order={2} size="h3">
          {t("sessions")}
        </Title>
        {sessions.length === 0 ? (
          <Text size="sm">{t("no-sessions")}</Text>
        ) : (
          <WideTable
            label={t("sessions")}
            minWidth={480}
            head={[t("neighbour"), t("state"), t("accepted"), t("bfd"), t("note")]}
          >
            {sessions.map(({ neighbour, state, received, accepted, bfd, note }) => (
              <Table.Tr key={neighbour} data-session={neighbour}>
                <Table.Th scope="row">{neighbour}</Table.Th>
                <Table.Td>
                  <Mark tone={state === "established" ? "good" : "bad"}>{state}</Mark>
                </Table.Td>
                <Table.Td>
                  {format.number(accepted)} / {format.number(received)}
                </Table.Td>
                <Table.Td>{bfd ?? "–"}</Table.Td>
                <Table.Td>{note ?? ""}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Stack>
      {ports.length > 0 && (
        <Stack gap="xs">
          <Title order={2} size="h3">
            {t("load")}
          </Title>
          <WideTable
            label={t("load")}
            minWidth={640}
            head={[t("port"), t("neighbour"), t("rx-octets"), t("tx-octets"), t("rx-lost"), t("tx-lost")]}
          >
            {ports.map((port) => (
              <Table.Tr key={port.interface}>
                <Table.Th scope="row">{port.interface}</Table.Th>
                <Table.Td>{port.peer}</Table.Td>
                <Table.Td>{port.rxOctets === undefined ? "–" : format.octets(port.rxOctets)}</Table.Td>
                <Table.Td>{port.txOctets === undefined ? "–" : format.octets(port.txOctets)}</Table.Td>
                <Table.Td>
                  {port.rxErrors} / {port.rxDropped}
                </Table.Td>
                <Table.Td>
                  {port.txErrors} / {port.txDropped}
                </Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        </Stack>
      )}
    </>
  );
}
