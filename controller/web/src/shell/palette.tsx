import { Combobox, ScrollArea, Text, TextInput, useCombobox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { may } from "../api/queries.ts";
import type { Session } from "../api/types.ts";
import { useLanguage, useTexts } from "../i18n/i18n.ts";
import { type Destination, found, looksLikeAddress } from "../model/destinations.ts";
import { PAGES } from "../pages/index.ts";
import { rolloutsQuery, statusQuery } from "../pages/noc/network-queries.ts";
import { Dialogue } from "../parts/dialogue.tsx";
import { paletteTexts } from "./palette.texts.ts";

/**
 * Everywhere there is to go, found by what it is called. Of Mantine's Combobox: its Spotlight is not there in the version of the rest.
 */
export function Palette({ session, onClose }: { readonly session: Session; readonly onClose: () => void }) {
  const t = useTexts(paletteTexts);
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const combobox = useCombobox({ opened: true });
  const shown = found(useDestinations(session, typed), typed);
  return (
    <Dialogue title={t("open")} isOpen onClose={onClose}>
      <Combobox
        store={combobox}
        withinPortal={false}
        onOptionSubmit={(href) => {
          onClose();
          navigate(href);
        }}
      >
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            aria-label={t("find")}
            placeholder={t("find")}
            value={typed}
            maxLength={128}
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value);
              combobox.selectFirstOption();
            }}
          />
        </Combobox.EventsTarget>
        <ScrollArea.Autosize mah={360} type="auto">
          <Combobox.Options aria-label={t("open")}>
            {shown.length === 0 && <Text size="sm">{t("nothing")}</Text>}
            {shown.map(({ href, name }) => (
              <Combobox.Option key={href} value={href}>
                {name}
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </ScrollArea.Autosize>
      </Combobox>
    </Dialogue>
  );
}

function useDestinations(session: Session, typed: string): readonly Destination[] {
  const t = useTexts(paletteTexts);
  const [language] = useLanguage();
  const mayRead = may(session, "read");
  const { data: status } = useQuery({ ...statusQuery, enabled: mayRead });
  const { data: rollouts } = useQuery({ ...rolloutsQuery, enabled: mayRead });
  const pages = PAGES.filter(({ needs }) => may(session, needs)).flatMap(({ path, label }) =>
    label === undefined ? [] : [{ href: path, name: t("page", { name: label[language] }) }],
  );
  const nodes = (status?.nodes ?? []).map(({ name }) => ({
    href: `/noc/nodes/${name}`,
    name: t("edge", { name }),
  }));
  const runs = (rollouts?.rollouts ?? []).map(({ id, from, to }) => ({
    href: `/noc/rollouts/${id}`,
    name: t("rollout", { id, from, to }),
  }));
  const what = typed.trim();
  const asked =
    mayRead && looksLikeAddress(what)
      ? [
          {
            href: `/noc/epe/explain?destination=${encodeURIComponent(what)}`,
            name: t("explain", { what }),
          },
        ]
      : [];
  return [...asked, ...pages, ...nodes, ...runs];
}
