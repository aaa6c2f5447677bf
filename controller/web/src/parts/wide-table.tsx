import { Table, Text } from "@mantine/core";
import { Children, type ReactNode } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";

/** A table that may be wider than the screen: it is moved by finger, wheel, and, once it has the focus, by arrow keys. */
export function WideTable({
  label,
  head,
  minWidth = 640,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  readonly minWidth?: number;
  readonly children: ReactNode;
}) {
  const t = useTexts(partsTexts);
  // A head without rows looks as if something were missing.
  if (Children.toArray(children).length === 0)
    return (
      <Text size="sm">
        {label}: {t("nothing")}
      </Text>
    );
  return (
    <Table.ScrollContainer
      type="native"
      minWidth={minWidth}
      // What is hidden from eyes is placed absolutely: it would make the page as wide as the table.
      pos="relative"
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {head.map((text) => (
              <Table.Th key={text} scope="col">
                {text}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
