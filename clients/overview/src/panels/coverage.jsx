import { barX, ruleX } from "@observablehq/plot";
import { useCallback } from "react";

import { Chart, compact, labels } from "../chart.jsx";
import { amountOf, groupsOf, money, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Legend } from "../parts.jsx";
import { moneyColumn } from "../table.jsx";

const AMOUNTS = [
  ["Requirements", "requirements"],
  ["Funding", "funding"],
  ["Pledged", "pledged"],
  ["Ordered", "ordered"],
  ["Not funded", "unmet"],
];

const nameOf = ({ area, group, scope }) => group?.code ?? area?.name ?? words(scope);

const COLUMNS = [
  { title: "Scope", value: ({ scope }) => scope, show: ({ scope }) => words(scope) },
  { title: "Name", value: nameOf },
  { title: "Currency", value: ({ currency }) => currency, show: ({ currency }) => currency ?? "without an amount" },
  { title: "Needs", right: true, value: ({ count }) => count },
  ...AMOUNTS.map(([title, field]) => moneyColumn(title, (row) => row[field], money)),
];

const LEGEND = [
  ["Requirements", "var(--c-pale)"],
  ["Funding", "var(--c-strong)"],
  ["Pledged, not funding", "var(--c-hatch)"],
];

// Bullet bars: the requirements as a wide pale bar, the money as a narrow one on it.
function Bars({ currency, rows, scope }) {
  const options = useCallback(
    (width) => {
      const y = nameOf;
      const { marginLeft, shorten } = labels(rows.map(y), width);
      return {
        height: 46 + rows.length * 34,
        marginBottom: 26,
        marginLeft,
        marginTop: 8,
        x: { grid: true, label: null, tickFormat: compact, ticks: width < 460 ? 3 : 5 },
        y: { domain: rows.map(y), label: null, tickFormat: shorten, tickSize: 0 },
        marks: [
          barX(rows, { fill: "var(--c-pale)", insetBottom: 3, insetTop: 3, x: (row) => amountOf(row.requirements), y }),
          barX(rows, { fill: "var(--c-strong)", insetBottom: 9, insetTop: 9, x: (row) => amountOf(row.funding), y }),
          barX(rows, {
            fill: "var(--c-hatch)",
            insetBottom: 9,
            insetTop: 9,
            x1: (row) => amountOf(row.funding),
            x2: (row) => amountOf(row.funding) + amountOf(row.pledged),
            y,
          }),
          ruleX([0], { stroke: "var(--line-strong)" }),
        ],
      };
    },
    [rows],
  );
  const label = rows
    .map((row) => `${nameOf(row)}: requirements ${money(row.requirements)}, funding ${money(row.funding)}, pledged ${money(row.pledged)}`)
    .join("; ");
  return (
    <figure>
      <figcaption>
        By {scope.toLowerCase()}, {currency}
      </figcaption>
      <Chart label={`${words(scope)}, ${currency}. ${label}`} options={options} />
    </figure>
  );
}

const inOrder = (rows) => rows.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));

function Whole({ rows }) {
  return (
    <ul className="facts">
      {rows.filter(({ currency, scope }) => scope === "COALITION" && currency).map((row) => (
        <li key={row.currency}>
          <strong>{money(row.unmet)}</strong> of {money(row.requirements)} not funded
        </li>
      ))}
    </ul>
  );
}

export const Coverage = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no need that you may see."
    id="coverage"
    intro="The estimated cost of the needs and the firm money for them. What is too much for one need fills no gap of another."
    name="coverage"
    path={["coverages"]}
    render={(_, rows) => (
      <>
        <Whole rows={rows} />
        <Legend entries={LEGEND} />
        {["GROUP", "AREA"].flatMap((scope) =>
          groupsOf(rows.filter((row) => row.scope === scope && row.currency), ({ currency }) => currency).map(([currency, own]) => (
            <Bars currency={currency} key={`${scope} ${currency}`} rows={inOrder(own)} scope={scope} />
          )),
        )}
      </>
    )}
    rowsOf={({ coverages }) => coverages.nodes}
    table="Requirements and funding"
    title="Coverage of needs"
    totalOf={({ coverages }) => coverages.totalCount}
  />
);
