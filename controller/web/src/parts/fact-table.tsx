import { Table } from "@mantine/core";
import type { ReactNode } from "react";

interface FactTableProps {
  /** Its name, for who does not see it. */
  readonly label: string;
  readonly rows: readonly (readonly [name: string, value: ReactNode])[];
}

/** What is known of one thing, a line each. */
export function FactTable({ label, rows }: FactTableProps) {
  return (
    <Table aria-label={label} variant="vertical" layout="auto">
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={260}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
