import "@mantine/core/styles.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { startI18n } from "./i18n/i18n.ts";

await startI18n();
const root = document.getElementById("app");
if (root === null) throw new Error("the page has no element #app");
createRoot(root).render(<App />);
