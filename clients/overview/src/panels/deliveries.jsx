import { dot, line, ruleX } from "@observablehq/plot";
import { useCallback } from "react";

import { Chart } from "../chart.jsx";
import { day, isoDay, money, sourcesOf, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Badge, Legend, Ref } from "../parts.jsx";

const ENDED = ["CANCELLED", "LOST"];
const ARRIVED = ["RECEIVED", "ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED"];

const expectedOn = ({ plannedOn, purchaseOrder }) => plannedOn ?? purchaseOrder?.expectedOn ?? null;

function timing({ plannedOn, purchaseOrder, receivedOn, status }) {
  if (ENDED.includes(status)) return words(status).toLowerCase();
  const expected = expectedOn({ plannedOn, purchaseOrder });
  const today = new Date().toISOString().slice(0, 10);
  if (ARRIVED.includes(status)) {
    if (!receivedOn || !expected) return "arrived";
    return receivedOn <= expected ? "arrived in time" : "arrived late";
  }
  if (!expected) return "no date";
  return expected < today ? "late" : "expected";
}

const originOf = ({ contribution, purchaseOrder }) =>
  purchaseOrder ? purchaseOrder.procurement.reference : contribution?.reference;

const COLUMNS = [
  { title: "Delivery", value: ({ reference }) => reference },
  { title: "Title", value: ({ title }) => title },
  { title: "Status", value: ({ status }) => status, show: ({ status }) => words(status) },
  { title: "Expected", value: expectedOn, show: (row) => day(expectedOn(row)) },
  {
    title: "Arrived",
    value: ({ receivedOn, receivedOnPrecision }) => isoDay(receivedOn, receivedOnPrecision),
    show: ({ receivedOn, receivedOnPrecision }) => day(receivedOn, receivedOnPrecision),
  },
  { title: "Timing", value: timing, show: (row) => (timing(row).includes("late") ? <Badge tone="bad">{timing(row)}</Badge> : timing(row)) },
  {
    title: "From",
    value: originOf,
    show: (row) => <Ref kind={row.purchaseOrder ? "procurement" : "contribution"} reference={originOf(row)} />,
  },
  { title: "Value", right: true, value: ({ value }) => value?.amount, show: ({ value }) => money(value) },
  { title: "Currency", value: ({ value }) => value?.currency },
];

// The number of deliveries until each day: a step for each day with a delivery.
function steps(days, kind) {
  const sorted = days.filter(Boolean).toSorted();
  return sorted.map((each, index) => ({ count: index + 1, day: new Date(`${each}T00:00:00Z`), kind }));
}

function seriesOf(rows) {
  const wanted = rows.filter(({ status }) => !ENDED.includes(status));
  const dated = wanted.filter(expectedOn);
  return [
    ...steps(dated.map(expectedOn), "Expected"),
    ...steps(dated.filter(({ status }) => ARRIVED.includes(status)).map(({ receivedOn }) => receivedOn), "Arrived"),
  ];
}

function Steps({ rows }) {
  const options = useCallback(
    (width) => {
      const series = seriesOf(rows);
      return {
        color: { domain: ["Expected", "Arrived"], range: ["var(--c-mid)", "var(--c-good)"] },
        height: 240,
        marginLeft: 34,
        marginTop: 24,
        x: { label: null, ticks: width < 460 ? 4 : 8, type: "utc" },
        y: { domain: [0, Math.max(...series.map(({ count }) => count))], grid: true, label: "deliveries", tickFormat: "d", ticks: 5 },
        marks: [
          ruleX([new Date()], { stroke: "var(--line-strong)", strokeDasharray: "3,3" }),
          line(series, { curve: "step-after", stroke: "kind", strokeWidth: 2, x: "day", y: "count" }),
          dot(series, { fill: "kind", r: 3, x: "day", y: "count" }),
        ],
      };
    },
    [rows],
  );
  const series = seriesOf(rows);
  if (!series.length) return <p className="empty">No delivery has an expected date.</p>;
  const count = (kind) => series.filter((step) => step.kind === kind).length;
  const undated = rows.filter((row) => !ENDED.includes(row.status) && !expectedOn(row)).length;
  return (
    <figure>
      <figcaption>
        {count("Arrived")} of {count("Expected")} expected deliveries arrived; the dashed line is today
        {undated ? `. ${undated} more ${undated === 1 ? "has" : "have"} no expected date and ${undated === 1 ? "is" : "are"} in the table` : ""}
      </figcaption>
      <Legend entries={[["Expected by then", "var(--c-mid)"], ["Arrived by then", "var(--c-good)"]]} />
      <Chart label={`Deliveries over time: ${count("Arrived")} of ${count("Expected")} expected deliveries arrived`} options={options} />
    </figure>
  );
}

export const Deliveries = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no delivery that you may see."
    id="deliveries"
    intro="Deliveries that arrived, against the days on which they were expected. The expected day is that of the delivery, else that of its order."
    name="deliveries"
    path={["deliveries"]}
    render={(_, rows) => <Steps rows={rows} />}
    rowsOf={({ deliveries }) => deliveries.nodes}
    sourcesIn={({ deliveries }) => sourcesOf(deliveries.nodes)}
    table="Deliveries"
    title="Deliveries against expectations"
    totalOf={({ deliveries }) => deliveries.totalCount}
  />
);
