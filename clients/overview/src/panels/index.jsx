import { Clashes } from "./clashes.jsx";
import { Coverage } from "./coverage.jsx";
import { Deliveries } from "./deliveries.jsx";
import { Groups } from "./groups.jsx";
import { Money } from "./money.jsx";
import { Needs } from "./needs.jsx";
import { NextSteps } from "./next-steps.jsx";
import { RoadmapInForce } from "./roadmap.jsx";
import { Timeline } from "./timeline.jsx";
import { Totals } from "./totals.jsx";

// In the order of the page.
export const SECTIONS = [
  ["groups", "Groups"],
  ["roadmap", "Roadmap"],
  ["needs", "Needs"],
  ["coverage", "Coverage"],
  ["next-steps", "Next steps"],
  ["deliveries", "Deliveries"],
  ["money", "Money"],
  ["clashes", "Clashes"],
  ["timeline", "What is new"],
];

export const Overview = () => (
  <>
    <Totals />
    <Groups />
    <RoadmapInForce />
    <Needs />
    <div className="columns">
      <div>
        <Coverage />
        <NextSteps />
        <Deliveries />
      </div>
      <div>
        <Money />
        <Clashes />
        <Timeline />
      </div>
    </div>
  </>
);
