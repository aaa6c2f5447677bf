import { Stack, Table, Text, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ComponentType, type Ref, useDeferredValue, useMemo, useRef, useState } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";

/** From so many rows on only those in sight are made: a thousand rows that change every second keep a browser busy with nothing else. */
const MOST_AT_ONCE = 40;
/** Guessed until a row was measured, pixels. */
const ROW_PX = 38;
const BEYOND = 8;

/** To be spread over the row's element; nothing where all rows are there. */
export interface RowPlace {
  readonly ref?: Ref<HTMLTableRowElement>;
  readonly "data-index"?: number;
  readonly "aria-rowindex"?: number;
}

export interface RowProps<T> {
  readonly item: T;
  readonly place: RowPlace;
}

interface Props<T> {
  readonly label: string;
  readonly head: readonly string[];
  readonly minWidth?: number;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** What the filter looks for typed words in: the browser's own search finds only rows that are in sight. */
  readonly textOf: (item: T) => string;
  /** Wrap it in `memo`: `item` and `place` are the same as long as nothing changed. */
  readonly Row: ComponentType<RowProps<T>>;
}

const EVERYWHERE: RowPlace = {};

/** A table of any number of rows, with a field that filters them; screen readers are told how many there are. */
export function LongTable<T>({ label, head, minWidth = 640, items, keyOf, textOf, Row }: Props<T>) {
  const t = useTexts(partsTexts);
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.trim().toLowerCase());
  const shown = useMemo(
    () => (words === "" ? items : items.filter((item) => textOf(item).toLowerCase().includes(words))),
    [items, words, textOf],
  );
  const isLong = items.length > MOST_AT_ONCE;
  const scrolled = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: isLong ? shown.length : 0,
    getScrollElement: () => scrolled.current,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    getItemKey: (index) => {
      const item = shown[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const measure = virtual.measureElement;
  const places = useMemo(() => {
    const known = new Map<number, RowPlace>();
    return (index: number): RowPlace => {
      const place = known.get(index) ?? { ref: measure, "data-index": index, "aria-rowindex": index + 2 };
      known.set(index, place);
      return place;
    };
  }, [measure]);
  const inSight = virtual.getVirtualItems();
  const above = inSight[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (inSight.at(-1)?.end ?? 0);
  return (
    <Stack gap="xs">
      {isLong && (
        <TextInput
          label={`${t("filter")}: ${label}`}
          value={typed}
          maxLength={64}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      )}
      {isLong && (
        <Text size="xs" role="status">
          {t("rows", { shown: shown.length, all: items.length })}
        </Text>
      )}
      <Table.ScrollContainer
        ref={scrolled}
        type="native"
        minWidth={minWidth}
        pos="relative"
        {...(isLong ? { maxHeight: "70vh" } : {})}
        tabIndex={0}
        role="group"
        aria-label={label}
      >
        <Table
          aria-label={label}
          stickyHeader={isLong}
          {...(isLong ? { "aria-rowcount": shown.length + 1 } : {})}
        >
          <Table.Thead>
            <Table.Tr>
              {head.map((text) => (
                <Table.Th key={text} scope="col">
                  {text}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {!isLong && shown.map((item) => <Row key={keyOf(item)} item={item} place={EVERYWHERE} />)}
            <Gap px={isLong ? above : 0} columns={head.length} />
            {inSight.map(({ index, key }) => {
              const item = shown[index];
              return item === undefined ? null : <Row key={key} item={item} place={places(index)} />;
            })}
            <Gap px={isLong ? below : 0} columns={head.length} />
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

/** Stands for the rows that are not there. */
function Gap({ px, columns }: { readonly px: number; readonly columns: number }) {
  if (px <= 0) return null;
  return (
    <tr>
      <td aria-hidden="true" colSpan={columns} style={{ height: px, padding: 0 }} />
    </tr>
  );
}
