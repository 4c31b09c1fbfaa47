import "./workers.js";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/plugin-explorer/style.css";
import "graphiql/graphiql.css";
import "./page.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import examples from "virtual:examples";

import { fetcher } from "./fetcher.js";
import { defaultHeaders, Identities } from "./identities.jsx";
import { TrustedOnly } from "./trusted.jsx";

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const defaultTabs = examples.map((query) => ({ query }));

createRoot(document.getElementById("graphiql")).render(
  // Headers may hold a token, and what is stored in the browser outlives the visit: they are never kept.
  <GraphiQL
    defaultHeaders={defaultHeaders}
    defaultTabs={defaultTabs}
    fetcher={fetcher}
    plugins={plugins}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      IT Coalition API <Identities /> <TrustedOnly />
    </GraphiQL.Logo>
  </GraphiQL>,
);
