import "./page.css";
import "./panels.css";
import "./tables.css";
// The last one overrides the others.
import "./media.css";

import { createRoot } from "react-dom/client";

import { App } from "./app.jsx";

createRoot(document.getElementById("page")).render(<App />);
