import { type CSSVariablesResolver, createTheme } from "@mantine/core";

/** Shades dark enough that text on them, and they as text on white, have the contrast that WCAG 2.2 AA wants (4.5 to 1). */
export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});

export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-anchor": "var(--mantine-color-indigo-8)",
    "--vsix-good": "#1e6b2e",
    "--vsix-warning": "#8a3c00",
    "--vsix-bad": "var(--mantine-color-red-9)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-5)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-5)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-anchor": "var(--mantine-color-indigo-3)",
    "--vsix-good": "var(--mantine-color-green-4)",
    "--vsix-warning": "var(--mantine-color-orange-4)",
    "--vsix-bad": "var(--mantine-color-red-4)",
  },
});
