import { Skeleton, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { Failure } from "./failure.tsx";
import { partsTexts } from "./parts.texts.ts";

/** What a query brought: while it is under way, when it failed, when there is nothing, and else what `children` makes of it. */
export function Answer<T>({
  of,
  isEmpty,
  empty,
  children,
}: {
  readonly of: UseQueryResult<T>;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ReactNode;
  readonly children: (data: T) => ReactNode;
}) {
  const t = useTexts(partsTexts);
  if (of.data === undefined)
    return of.error === null ? (
      <Skeleton height={120} />
    ) : (
      <Failure error={of.error} again={() => void of.refetch()} />
    );
  if (isEmpty?.(of.data) === true) return empty ?? <Text c="dimmed">{t("nothing")}</Text>;
  return (
    <>
      {of.error !== null && <Failure error={of.error} again={() => void of.refetch()} />}
      {children(of.data)}
    </>
  );
}
