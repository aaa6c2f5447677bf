import { Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { NodeDetail } from "../../../api/types.ts";
import { type Format, useFormat } from "../../../i18n/format.ts";
import { type Translate, useTexts } from "../../../i18n/i18n.ts";
import { FactTable } from "../../../parts/fact-table.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { machineTexts } from "./machine.texts.ts";

type Machine = NonNullable<NodeDetail["machine"]>;
type Row = readonly [name: string, value: ReactNode];

/** What the node runs on, and how that is. What it could not learn has no line. */
export function NodeMachine({ machine }: { readonly machine: Machine }) {
  const t = useTexts(machineTexts);
  const format = useFormat();
  const versions = machine.inventory?.versions ?? [];
  return (
    <>
      <Stack gap="xs" data-machine>
        <Title order={2} size="h3">
          {t("machine")}
        </Title>
        <Text size="sm">{t("as-of", { time: format.time(machine.at) })}</Text>
        <FactTable label={t("machine")} rows={rowsOf(machine, t, format)} />
      </Stack>
      {versions.length > 0 && (
        <Stack gap="xs">
          <Title order={2} size="h3">
            {t("versions")}
          </Title>
          <WideTable label={t("versions")} minWidth={320} head={[t("program"), t("version")]}>
            {versions.map(({ name, version }) => (
              <Table.Tr key={name} data-program={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{version}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        </Stack>
      )}
    </>
  );
}

function rowsOf(
  machine: Machine,
  t: Translate<keyof typeof machineTexts.en>,
  format: Format,
): readonly Row[] {
  const { inventory, uptimeS, processors, load, memory, temperature, clockSynchronised } = machine;
  const share = (available: number, total: number): string =>
    t("available", { available: format.octets(available), total: format.octets(total) });
  const board = [inventory?.board, inventory?.isVirtual === true ? `(${t("virtual")})` : undefined];
  const rows: readonly (readonly [string, ReactNode | undefined])[] = [
    [t("board"), joined(board)],
    [t("architecture"), inventory?.architecture],
    [t("system"), inventory?.system],
    [t("processors"), joined([processors?.toString(), inventory?.processor])],
    [t("load"), load?.map((one) => format.number(one)).join(" · ")],
    [t("memory"), memory && share(memory.availableOctets, memory.totalOctets)],
    [
      t("swap"),
      memory !== undefined && memory.swapTotalOctets > 0
        ? share(memory.swapFreeOctets, memory.swapTotalOctets)
        : undefined,
    ],
    ...machine.filesystems.map(({ path, usedOctets, availableOctets }): Row => {
      const [used, available] = [format.octets(usedOctets), format.octets(availableOctets)];
      return [t("disk", { path }), t("disk-used", { used, available })];
    }),
    [t("temperature"), temperature === undefined ? undefined : `${format.number(temperature)} °C`],
    [t("clock"), clockSynchronised === undefined ? undefined : t(clockSynchronised ? "yes" : "no")],
    [t("uptime"), uptimeS === undefined ? undefined : t("uptime-days", daysOf(uptimeS))],
  ];
  return rows.filter((row) => row[1] !== undefined);
}

function joined(words: readonly (string | undefined)[]): string | undefined {
  const known = words.filter((word) => word !== undefined);
  return known.length === 0 ? undefined : known.join(" ");
}

function daysOf(seconds: number): { readonly days: number; readonly hours: number } {
  return { days: Math.floor(seconds / 86_400), hours: Math.floor((seconds % 86_400) / 3600) };
}
